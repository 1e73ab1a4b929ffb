// What Gradle adds to Kotlin's scripts by itself, as far as the scripts of android/ use it. Types only: nothing here runs.
@file:Suppress("UNUSED_PARAMETER")

package scripts

import org.gradle.api.Action
import org.gradle.api.Project
import org.gradle.api.Task
import org.gradle.api.artifacts.Dependency
import org.gradle.api.artifacts.ProjectDependency
import org.gradle.api.artifacts.dsl.DependencyHandler
import org.gradle.api.initialization.Settings
import org.gradle.api.plugins.JavaPluginExtension
import org.gradle.api.provider.Provider
import org.gradle.api.tasks.TaskCollection
import org.gradle.api.tasks.TaskContainer
import org.gradle.api.tasks.TaskProvider
import org.gradle.plugin.management.PluginManagementSpec
import org.gradle.plugin.use.PluginDependenciesSpec
import org.gradle.plugin.use.PluginDependency
import org.gradle.plugin.use.PluginDependencySpec
import org.jetbrains.kotlin.compose.compiler.gradle.ComposeCompilerGradlePluginExtension
import org.jetbrains.kotlin.gradle.dsl.KotlinJvmProjectExtension

fun nothing(): Nothing = error("types only")

fun Project.plugins(block: PluginDependenciesSpec.() -> Unit) = Unit

fun PluginDependenciesSpec.alias(plugin: Provider<PluginDependency>): PluginDependencySpec = nothing()

infix fun PluginDependencySpec.apply(here: Boolean): PluginDependencySpec = nothing()

fun Project.kotlin(block: Action<KotlinJvmProjectExtension>) = Unit

fun Project.composeCompiler(block: Action<ComposeCompilerGradlePluginExtension>) = Unit

fun Project.java(block: Action<JavaPluginExtension>) = Unit

fun Project.dependencies(block: DependencyHandlerScope.() -> Unit) = Unit

class DependencyHandlerScope : DependencyHandler by nothing() {
    operator fun String.invoke(notation: Any): Dependency? = nothing()
}

fun DependencyHandler.project(path: String): ProjectDependency = nothing()

fun DependencyHandler.api(notation: Any): Dependency? = nothing()

fun DependencyHandler.implementation(notation: Any): Dependency? = nothing()

fun DependencyHandler.compileOnly(notation: Any): Dependency? = nothing()

fun DependencyHandler.debugImplementation(notation: Any): Dependency? = nothing()

fun DependencyHandler.testImplementation(notation: Any): Dependency? = nothing()

fun DependencyHandler.testRuntimeOnly(notation: Any): Dependency? = nothing()

fun DependencyHandler.androidTestImplementation(notation: Any): Dependency? = nothing()

inline fun <reified T : Task> TaskContainer.register(
    name: String,
    noinline block: T.() -> Unit,
): TaskProvider<T> = register(name, T::class.java, block)

inline fun <reified T : Task> TaskCollection<in T>.withType(): TaskCollection<T> = nothing()

fun Settings.pluginManagement(block: Action<PluginManagementSpec>) = Unit
