// The same modules and sources as pom.xml builds, for who has an Android SDK. `vectors` is Maven's alone: it tests no app.
pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositories {
        google()
        mavenCentral()
    }
}

rootProject.name = "courier-android"
include(":bindings", ":data", ":ui", ":app", ":macrobenchmark")
