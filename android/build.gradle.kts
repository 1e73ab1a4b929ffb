// Named here, so that every module gets the same versions: Kotlin's own plugin raises the Kotlin that Android's brings.
plugins {
    alias(libs.plugins.android.application) apply false
    alias(libs.plugins.android.library) apply false
    alias(libs.plugins.android.test) apply false
    alias(libs.plugins.kotlin.jvm) apply false
    alias(libs.plugins.kotlin.compose) apply false
}

// What tests on this machine need: the host's library, a backend, and the scenarios. As in pom.xml.
val native = rootDir.resolve("../target/debug")
val version = libs.versions.app.version.get()

subprojects {
    tasks.withType<Test>().configureEach {
        systemProperty("jna.library.path", native)
        systemProperty("courier.backend", native.resolve("scenario-backend"))
        systemProperty("courier.scenarios", rootDir.resolve("../tests/scenarios"))
        systemProperty("courier.version", version)
        systemProperty("java.awt.headless", true)
    }
}
