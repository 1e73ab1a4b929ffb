package org.courier.data

import java.io.File
import java.net.HttpURLConnection
import java.net.URI
import java.nio.file.Files

/** The day of every test: 24 November 2026, 8 o'clock in Berlin. */
const val MORNING_MS = 1_795_503_600_000L

/** The smallest thing that is a JPEG file in form. */
val JPEG =
    "FFD8FFC0000B080008000801011100FFDA0008010100003F000102FFD9".chunked(2).map { it.toInt(16).toByte() }.toByteArray()

/** A parcel as a shop would import it. Its recipient has the name [ref]. */
data class Parcel(
    val ref: String,
    val cents: Int = 90_000,
    val instructions: String = "[]",
    /** As it is written in an order. */
    val phone: String? = null,
    /** Parcels for one house come to one stop. */
    val house: String = ref,
) {
    val barcode = "LABEL-${ref.uppercase()}"
    private val number = phone?.let { "\"$it\"" }

    fun json() =
        """{"ref":"$ref","order_ref":"order $ref","sender":"Feinwerk",
        "customer":{"email":"${ref.lowercase()}@customers.example","lang":"de"},"recipient":{"name":"$ref","phone":$number},
        "address":{"street":"Breite Straße","house":"$house","postcode":"10178","city":"Berlin","country":"DE"},
        "pin":{"lat":${52.515 + (house.hashCode() % 97) / 5_000.0},"lon":${13.403 + (house.hashCode() % 89) / 5_000.0}},
        "items":[{"value":$cents,"currency":"EUR"}],"parcels":[{"barcode":"$barcode"}],"instructions":$instructions}"""
}

/** The backend as a process of its own, with a clock by hand, and what office, shop and customers do there. */
class Office(
    program: File = File(System.getProperty("courier.backend")),
) : AutoCloseable {
    private val folder = Files.createTempDirectory("courier-office").toFile()
    private val process: Process

    /** Where it is. */
    val url: String

    init {
        // The cheapest code hash that phones take.
        val config = File(folder, "backend.toml").apply { writeText("[code.kdf]\nm = 8\nt = 1\np = 1\n") }
        process =
            ProcessBuilder(program.path, "serve", config.path)
                .apply {
                    environment() +=
                        mapOf(
                            "COURIER_LISTEN" to "127.0.0.1:0",
                            "COURIER_DATA_DIR" to File(folder, "data").path,
                            "COURIER_OPS_KEY" to OPS_KEY,
                            "COURIER_TEST_NOW_MS" to "$MORNING_MS",
                            "COURIER_TEST_SEED" to "1",
                        )
                }.redirectError(File(folder, "errors.txt"))
                .start()
        val line = process.inputStream.bufferedReader().readLine().orEmpty()
        check(line.startsWith(LISTENING)) { "the backend does not start: $line ${File(folder, "errors.txt").readText()}" }
        url = line.removePrefix(LISTENING)
    }

    private val courier = member(post("/v1/couriers", """{"name":"Ada"}"""), "id")

    /** A code that makes one phone Ada's. */
    fun enrolmentCode() = member(post("/v1/couriers/$courier/enrolments", "{}"), "code")

    /** Imports the parcels and puts them on Ada's route. */
    fun publish(vararg parcels: Parcel) {
        val shipments = parcels.joinToString(",") { it.json() }
        post("/v1/import", """{"day":"$DAY","tz":"Europe/Berlin","shipments":[$shipments]}""")
        post("/v1/routes/publish", """{"courier":"$courier","day":"$DAY"}""")
    }

    /** The six digits that the customer sees. */
    fun digits(parcel: Parcel) = member(page(parcel), "digits")

    /** The text of the QR that the customer shows. */
    fun token(parcel: Parcel) = member(page(parcel), "qr")

    /** Six digits that are not the customer's. */
    fun wrongDigits(parcel: Parcel) = digits(parcel).let { right -> "%06d".format((right.toInt() + 1) % 1_000_000) }

    /** The tracking page as data. */
    fun page(parcel: Parcel): String {
        val link = member(ask("GET", "/v1/shipments/${parcel.ref}?sender=Feinwerk"), "tracking")
        return ask("GET", link.substring(link.indexOf("/t/")))
    }

    /** What the network does with phones from now on: `ok`, `down`, `portal`, `lost_answer`, `down_after` so many requests. */
    fun network(
        mode: String,
        requests: Int? = null,
    ) {
        post("/test/net", """{"mode":"$mode","count":$requests}""")
    }

    /** What the office counts. */
    fun totals() = ask("GET", "/v1/totals")

    private fun post(
        path: String,
        body: String,
    ) = ask("POST", path, body)

    private fun ask(
        method: String,
        path: String,
        body: String? = null,
    ): String {
        val connection = URI(url + path).toURL().openConnection() as HttpURLConnection
        connection.requestMethod = method
        connection.setRequestProperty("authorization", "Bearer $OPS_KEY")
        connection.setRequestProperty("accept", "application/json")
        if (body != null) {
            connection.doOutput = true
            connection.setRequestProperty("content-type", "application/json")
            connection.outputStream.use { it.write(body.toByteArray()) }
        }
        val failed = connection.responseCode >= 300
        val answer = (if (failed) connection.errorStream else connection.inputStream)?.use { it.reader().readText() }.orEmpty()
        check(!failed) { "$method $path: ${connection.responseCode} $answer" }
        return answer
    }

    override fun close() {
        process.destroyForcibly().waitFor()
        folder.deleteRecursively()
    }

    private companion object {
        const val DAY = "2026-11-24"
        const val OPS_KEY = "the office's own key"
        const val LISTENING = "listening on "

        fun member(
            json: String,
            name: String,
        ) = checkNotNull(Regex("\"$name\":\"([^\"]*)\"").find(json)) { "no $name in $json" }.groupValues[1]
    }
}
