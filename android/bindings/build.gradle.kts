import org.jetbrains.kotlin.gradle.dsl.JvmTarget

// The core for Kotlin: UniFFI's output over JNA. Plain Kotlin, as with Maven; `app` brings the libraries.
plugins {
    alias(libs.plugins.kotlin.jvm)
}

// Cargo knows what has changed, so it is asked every time.
val core =
    tasks.register<Exec>("core") {
        description = "Builds the core for the phones of courier.abis, and its bindings."
        val scenario = providers.gradleProperty("courier.scenario").get().toBoolean()
        commandLine(
            listOf(rootDir.resolve("build-core.sh").path) + listOfNotNull("--scenario".takeIf { scenario }) +
                providers.gradleProperty("courier.abis").get().split(","),
        )
    }

kotlin {
    compilerOptions { jvmTarget.set(JvmTarget.JVM_17) }
    sourceSets.named("main") { kotlin.srcDir("generated") }
    sourceSets.named("test") { kotlin.srcDir("src/testFixtures/kotlin") }
}

java {
    sourceCompatibility = JavaVersion.VERSION_17
    targetCompatibility = JavaVersion.VERSION_17
}

tasks.named("compileKotlin") { dependsOn(core) }
tasks.withType<Test>().configureEach { useJUnitPlatform() }

dependencies {
    api(libs.coroutines.core)
    compileOnly(libs.jna) // a phone's is in an archive of its own kind, which `app` names
    testImplementation(libs.jna)
    testImplementation(libs.kotlin.test.junit5)
    testImplementation(platform(libs.junit5.bom))
    testImplementation(libs.junit5.jupiter)
    testRuntimeOnly(libs.junit5.launcher)
}
