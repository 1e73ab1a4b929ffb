// Android's side of the app.
plugins {
    alias(libs.plugins.android.application)
    alias(libs.plugins.kotlin.compose)
}

val scenario = providers.gradleProperty("courier.scenario").get().toBoolean()
val abis = providers.gradleProperty("courier.abis").get().split(",")
val keystore = providers.environmentVariable("COURIER_KEYSTORE").orNull

android {
    namespace = "org.courier.app"
    compileSdk = libs.versions.compile.sdk.get().toInt()
    defaultConfig {
        applicationId = "org.courier.app"
        // Names of tests are sentences, and DEX takes spaces in them since Android 11.
        minSdk = if (scenario) 30 else libs.versions.min.sdk.get().toInt()
        targetSdk = libs.versions.target.sdk.get().toInt()
        versionCode = libs.versions.app.code.get().toInt()
        versionName = libs.versions.app.version.get()
        testInstrumentationRunner = "org.courier.app.DeviceRunner"
    }
    buildFeatures {
        buildConfig = true
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    signingConfigs {
        if (keystore != null) {
            create("office") {
                storeFile = file(keystore)
                storePassword = providers.environmentVariable("COURIER_KEYSTORE_PASSWORD").get()
                keyAlias = providers.environmentVariable("COURIER_KEY_ALIAS").getOrElse("courier")
                keyPassword = storePassword
            }
        }
    }
    buildTypes {
        getByName("release") {
            isMinifyEnabled = true
            isShrinkResources = true
            // The rules that apk.sh shrinks with, too.
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"), "keep.pro")
            signingConfig = signingConfigs.findByName("office")
        }
        create("benchmark") {
            initWith(getByName("release"))
            matchingFallbacks += "release"
            signingConfig = signingConfigs.getByName("debug")
            isProfileable = true
        }
    }
    // One APK for each kind of phone, with one library of the core.
    splits {
        abi {
            isEnable = true
            reset()
            include(*abis.toTypedArray())
            isUniversalApk = false
        }
    }
    packaging {
        // Mapped where they lie, at pages of 16 KiB; only tests have a program among them, which has to be a file.
        jniLibs.useLegacyPackaging = scenario
    }
    sourceSets {
        getByName("main").jniLibs.srcDir("../bindings/build/jniLibs")
        for (tests in listOf("test", "androidTest")) {
            getByName(tests).kotlin.srcDirs("../bindings/src/testFixtures/kotlin", "../data/src/testFixtures/kotlin")
        }
        getByName("androidTest").assets.srcDir("../../tests/scenarios")
    }
    testOptions {
        unitTests.isIncludeAndroidResources = true
    }
}

// The player of scenarios is on no phone but those of tests.
androidComponents {
    beforeVariants { if (scenario && it.buildType != "debug") it.enable = false }
}

tasks.named("preBuild") { dependsOn(":bindings:core") }

dependencies {
    implementation(project(":ui"))
    implementation(variantOf(libs.jna) { artifactType("aar") })
    implementation(libs.activity.compose)
    implementation(libs.coroutines.android)
    implementation(libs.lifecycle.runtime)
    implementation(libs.lifecycle.viewmodel)
    implementation(libs.work)
    debugImplementation(libs.compose.test.manifest)

    testImplementation(libs.jna) // with the host's libraries
    testImplementation(libs.robolectric)
    for (tests in listOf("testImplementation", "androidTestImplementation")) {
        tests(libs.junit4)
        tests(libs.kotlin.test.junit4)
        tests(libs.compose.test.junit4)
        tests(libs.test.core)
        tests(libs.test.ext.junit)
    }
    androidTestImplementation(libs.test.runner)
}
