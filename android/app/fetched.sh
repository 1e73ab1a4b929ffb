# shellcheck shell=bash disable=SC2034 # used by who sources it
# What build.sh and apk.sh take from Maven's repository. To be sourced in this folder.
m2=${MAVEN_REPO:-$HOME/.m2/repository}
api=15-robolectric-13954326 # Android 15, the newest that Robolectric plays on JDK 17

# property NAME: a version of ../pom.xml.
property() { sed -n "s|.*<$1>\(.*\)</$1>.*|\1|p" ../pom.xml | head -n 1; }

# version NAME: a version of ../gradle/libs.versions.toml.
version() { sed -n "s|^$1 = \"\(.*\)\"|\1|p" ../gradle/libs.versions.toml; }

maven() { mvn --batch-mode --no-transfer-progress --quiet "$@"; }

# archive GROUP NAME VERSION [KIND]: where it lies. KIND is jar, if it is not named.
archive() { printf '%s/%s/%s/%s/%s-%s.%s' "$m2" "${1//./\/}" "$2" "$3" "$2" "$3" "${4:-jar}"; }

# fetch GROUP NAME VERSION [KIND [TRANSITIVE]]: sees to it that it lies there, and with `true` what it needs, too.
fetch() { [ -f "$(archive "$@")" ] || maven dependency:get -Dartifact="$1:$2:$3:${4:-jar}" -Dtransitive="${5:-false}"; }

kotlin=$(property kotlin.version)
jna=$(property jna.version)
android=$(archive org.robolectric android-all $api)
stdlib=$(archive org.jetbrains.kotlin kotlin-stdlib "$kotlin")

# What Kotlin's compiler runs with: fetched as kotlin-compiler-embeddable with all that it needs.
compiler() {
    find "$m2/org/jetbrains" \( -name "kotlin-compiler-embeddable-$kotlin.jar" -o -name "kotlin-stdlib-$kotlin.jar" \
        -o -name "kotlin-script-runtime-$kotlin.jar" -o -name "kotlin-daemon-embeddable-$kotlin.jar" -o -name 'kotlin-reflect-*.jar' \
        -o -name 'kotlinx-coroutines-core-jvm-*.jar' -o -name 'annotations-13.0.jar' \) -printf '%p:'
}
