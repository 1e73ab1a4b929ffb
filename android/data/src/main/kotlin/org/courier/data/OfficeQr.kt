package org.courier.data

/** What the office's QR for a new phone says: its server and a code, a line each. */
data class OfficeQr(
    val server: String,
    val code: String,
) {
    companion object {
        /** Null for any other QR. Whether server and code are good is for the core and the server to say. */
        fun read(text: String): OfficeQr? {
            val lines = text.trim().lines().map { it.trim() }
            return if (lines.size == 2 && lines.all { it.isNotEmpty() }) OfficeQr(lines[0], lines[1]) else null
        }
    }
}
