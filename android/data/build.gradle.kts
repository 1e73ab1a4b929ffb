import org.jetbrains.kotlin.gradle.dsl.JvmTarget

// The phone's one repository over the core. Plain Kotlin: no Android, no Compose.
plugins {
    alias(libs.plugins.kotlin.jvm)
}

kotlin {
    compilerOptions { jvmTarget.set(JvmTarget.JVM_17) }
    sourceSets.named("test") {
        kotlin.srcDir("src/testFixtures/kotlin")
        kotlin.srcDir("../bindings/src/testFixtures/kotlin")
    }
}

java {
    sourceCompatibility = JavaVersion.VERSION_17
    targetCompatibility = JavaVersion.VERSION_17
}

tasks.withType<Test>().configureEach { useJUnitPlatform() }

dependencies {
    api(project(":bindings"))
    compileOnly(libs.jna) // a phone's is in an archive of its own kind, which `app` names
    testImplementation(libs.jna)
    testImplementation(libs.turbine)
    testImplementation(libs.kotlin.test.junit5)
    testImplementation(platform(libs.junit5.bom))
    testImplementation(libs.junit5.jupiter)
    testRuntimeOnly(libs.junit5.launcher)
}
