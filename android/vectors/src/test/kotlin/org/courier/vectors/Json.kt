package org.courier.vectors

/** What a JSON file holds, read by name; a wrong name or type fails. */
@Suppress("UNCHECKED_CAST")
internal class Json(private val value: Map<String, Any?>) {
    fun text(name: String) = value.getValue(name) as String
    fun number(name: String) = (value.getValue(name) as Number).toLong()
    fun texts(name: String) = value.getValue(name) as List<String>
    fun of(name: String) = Json(value.getValue(name) as Map<String, Any?>)
    fun list(name: String) = (value.getValue(name) as List<Map<String, Any?>>).map(::Json)
    fun optional(name: String) = value[name] as String?
    fun names() = value.keys
    fun map() = value
    override fun equals(other: Any?) = other is Json && other.value == value
    override fun hashCode() = value.hashCode()
    override fun toString() = value.toString()
}

/** A place in a JSON document: names and positions from the top. */
internal typealias Place = List<Any>

/** The place of every text and number. */
internal fun places(value: Any?, at: Place = emptyList()): List<Place> = when (value) {
    is Map<*, *> -> value.flatMap { (name, inner) -> places(inner, at + name as Any) }
    is List<*> -> value.flatMapIndexed { index, inner -> places(inner, at + index) }
    else -> listOf(at)
}

/** The document with another value at one place: a number one higher, a text with another character in the middle. */
internal fun changed(value: Any?, at: Place): Any? = when {
    at.isNotEmpty() && value is Map<*, *> ->
        value.mapValues { (name, inner) -> if (name == at[0]) changed(inner, at.drop(1)) else inner }
    at.isNotEmpty() && value is List<*> ->
        value.mapIndexed { index, inner -> if (index == at[0]) changed(inner, at.drop(1)) else inner }
    value is String -> {
        val middle = value.length / 2
        value.replaceRange(middle, middle + 1, if (value[middle] == '0') "1" else "0")
    }
    else -> (value as Number).toLong() + 1
}
