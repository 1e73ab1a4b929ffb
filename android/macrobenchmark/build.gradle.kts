// How fast the app starts and scrolls on a device. emulator.sh runs it.
plugins {
    alias(libs.plugins.android.test)
}

android {
    namespace = "org.courier.macrobenchmark"
    compileSdk = libs.versions.compile.sdk.get().toInt()
    targetProjectPath = ":app"
    defaultConfig {
        minSdk = libs.versions.min.sdk.get().toInt()
        testInstrumentationRunner = "androidx.test.runner.AndroidJUnitRunner"
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    buildTypes {
        create("benchmark") {
            isDebuggable = true
            signingConfig = signingConfigs.getByName("debug")
            matchingFallbacks += "release"
        }
    }
    experimentalProperties["android.experimental.self-instrumenting"] = true
}

// The app as it ships, and nothing else.
androidComponents {
    beforeVariants { it.enable = it.buildType == "benchmark" }
}

dependencies {
    implementation(libs.benchmark)
    implementation(libs.uiautomator)
    implementation(libs.test.ext.junit)
}
