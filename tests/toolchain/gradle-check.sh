#!/usr/bin/env bash
# What can be checked of android's Gradle project where there is no Gradle: its versions and folders are Maven's, and its scripts
# compile against the interfaces of Gradle, of Android's plugin and of Kotlin's. That is not a build: nobody has run one.
# Needs a JDK 17, Maven and Python 3.11. What Maven fetches stays in its repository.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../android/app"
. ./fetched.sh
agp=$(version agp)
gradle=8.11.1 # the newest whose interfaces are to be had alone; the project itself wants 9.6
out=$PWD/../target/gradle-check
rm -rf "$out"
python3 ../../tests/toolchain/gradle/check.py "$out"
bash -n ../gradlew ../emulator.sh ../build-core.sh ../office.sh

classes=
for one in dev.gradleplugins:gradle-api:$gradle com.android.tools.build:gradle-api:"$agp" \
    org.jetbrains.kotlin:{kotlin-{gradle-plugin,gradle-plugin-api,tooling-core,stdlib},compose-compiler-gradle-plugin}:"$kotlin" javax.inject:javax.inject:1; do
    IFS=: read -r group name number <<<"$one"
    fetch "$group" "$name" "$number"
    classes+=:$(archive "$group" "$name" "$number")
done
fetch org.jetbrains.kotlin kotlin-sam-with-receiver-compiler-plugin-embeddable "$kotlin"
fetch org.jetbrains.kotlin kotlin-compiler-embeddable "$kotlin" jar true
kotlinc() {
    java -cp "$(compiler)" org.jetbrains.kotlin.cli.jvm.K2JVMCompiler -nowarn -no-stdlib -no-reflect -jvm-target 17 -cp "${classes#:}" \
        "-Xplugin=$(archive org.jetbrains.kotlin kotlin-sam-with-receiver-compiler-plugin-embeddable "$kotlin")" \
        -P plugin:org.jetbrains.kotlin.samWithReceiver:annotation=org.gradle.api.HasImplicitReceiver -d "$out/classes" "$@"
}
kotlinc ../../tests/toolchain/gradle/Dsl.kt "$out"/*.kt
echo "the scripts compile against Gradle $gradle, Android's plugin $agp and Kotlin's $kotlin"
# A check that cannot fail is none.
sed -i 's/isMinifyEnabled/isMinifiedEnabled/' "$out/app.kt"
if kotlinc ../../tests/toolchain/gradle/Dsl.kt "$out"/*.kt 2>"$out/refused"; then
    echo "a word that Android's plugin does not know was not noticed" >&2
    exit 1
fi
grep -q "unresolved reference 'isMinifiedEnabled'" "$out/refused"
