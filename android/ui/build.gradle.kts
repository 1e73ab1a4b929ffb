import com.android.build.api.variant.HostTestBuilder

// The screens. Only androidx.compose and data: here on Jetpack Compose, with Maven on Compose for the desktop, where their tests run.
plugins {
    alias(libs.plugins.android.library)
    alias(libs.plugins.kotlin.compose)
}

android {
    namespace = "org.courier.ui"
    compileSdk = libs.versions.compile.sdk.get().toInt()
    defaultConfig { minSdk = libs.versions.min.sdk.get().toInt() }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
}

composeCompiler {
    stabilityConfigurationFiles.add(layout.projectDirectory.file("stability.conf"))
}

// src/test draws and clicks on the desktop: pom.xml.
androidComponents {
    beforeVariants { it.hostTests[HostTestBuilder.UNIT_TEST_TYPE]?.enable = false }
}

dependencies {
    api(project(":data"))
    api(libs.compose.foundation)
    implementation(libs.compose.material3)
}
