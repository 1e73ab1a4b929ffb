package org.courier.vectors

import com.google.crypto.tink.subtle.XChaCha20Poly1305
import com.nimbusds.jose.JWSAlgorithm
import com.nimbusds.jose.JWSObject
import com.nimbusds.jose.crypto.ECDSAVerifier
import com.nimbusds.jose.jwk.ECKey
import com.nimbusds.jose.util.JSONObjectUtils
import org.bouncycastle.crypto.generators.Argon2BytesGenerator
import org.bouncycastle.crypto.hpke.HPKE
import org.bouncycastle.crypto.params.Argon2Parameters
import org.bouncycastle.crypto.params.X25519PrivateKeyParameters
import org.bouncycastle.jce.ECNamedCurveTable
import java.math.BigInteger
import java.nio.ByteBuffer
import java.security.MessageDigest
import java.util.Base64
import javax.crypto.Mac
import javax.crypto.spec.SecretKeySpec
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** How each file of `tests/vectors` is checked. `docs/vectors.md` says what is in it. */
internal val CHECKS: Map<String, (Any?) -> Unit> = mapOf(
    "tag.json" to { each(it, ::tag) },
    "token.json" to { each(it, ::token) },
    "evidence-v1.json" to { each(it, ::evidence) },
    "facts.json" to { facts(json(it)) },
    "chain.json" to { chain(json(it)) },
    "receipt.json" to { receipt(json(it)) },
    "assertion.json" to { assertion(json(it)) },
    "enrolment.json" to { enrolment(json(it)) },
    "private.json" to { each(it, ::privatePart) },
    "row.json" to { each(it, ::row) },
)

@Suppress("UNCHECKED_CAST")
private fun json(value: Any?) = Json(value as Map<String, Any?>)

private fun each(vectors: Any?, check: (Json) -> Unit) = (vectors as List<*>).forEach { check(json(it)) }

/** The bytes of base64url without padding; a text that is not the only one for its bytes is refused. */
private fun raw(text: String): ByteArray {
    val bytes = Base64.getUrlDecoder().decode(text)
    assertEquals(text, base64url(bytes))
    return bytes
}

private fun base64url(bytes: ByteArray) = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)

private fun sha256(bytes: ByteArray) = MessageDigest.getInstance("SHA-256").digest(bytes)

private fun hash(text: String) = base64url(sha256(text.toByteArray()))

private fun u16(value: Int) = ByteBuffer.allocate(2).putShort(value.toShort()).array()

private fun u64(value: Long) = ByteBuffer.allocate(8).putLong(value).array()

private fun tag(vector: Json) {
    val kdf = vector.of("kdf")
    val parameters = Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
        .withVersion(Argon2Parameters.ARGON2_VERSION_13)
        .withSalt(raw(vector.text("salt")))
        .withMemoryAsKB(kdf.number("m").toInt())
        .withIterations(kdf.number("t").toInt())
        .withParallelism(kdf.number("p").toInt())
        .build()
    val slow = ByteArray(32)
    Argon2BytesGenerator().apply { init(parameters) }.generateBytes(vector.text("digits").toByteArray(), slow)
    assertEquals(vector.text("hash"), base64url(slow))
    val mac = Mac.getInstance("HmacSHA256").run {
        init(SecretKeySpec(raw(vector.text("key")), "HmacSHA256"))
        val name = vector.text("code_id").toByteArray()
        doFinal("courier/tag/v1\u0000".toByteArray() + u16(name.size) + name + slow)
    }
    assertEquals(vector.text("mac"), base64url(mac))
    val start = ByteBuffer.wrap(mac).short.toInt() and 0xffff
    assertEquals((6L..12L).toList(), vector.list("tags").map { it.number("k") })
    for (each in vector.list("tags")) {
        assertEquals((start shr (16 - each.number("k").toInt())).toLong(), each.number("tag"))
    }
}

private fun token(vector: Json) {
    val token = raw(vector.text("token"))
    assertEquals(16, token.size)
    assertEquals("courier:1:" + base64url(token), vector.text("qr"))
    assertEquals(vector.text("sha256"), base64url(sha256(token)))
}

private fun evidence(vector: Json) {
    val hpke =
        HPKE(HPKE.mode_base, HPKE.kem_X25519_SHA256, HPKE.kdf_HKDF_SHA256, HPKE.aead_CHACHA20_POLY1305)
    val secret = raw(vector.text("recipient_secret"))
    val public = raw(vector.text("recipient_public"))
    assertContentEquals(X25519PrivateKeyParameters(secret).generatePublicKey().encoded, public)
    val keyId = sha256(public).copyOf(8)
    assertEquals(vector.text("key_id"), base64url(keyId))

    val names = listOf(vector.text("fact"), vector.text("install")) + vector.texts("attempts")
    val aad = names.map { it.toByteArray() }
        .fold("courier/evidence/v1\u0000".toByteArray()) { before, name -> before + u16(name.size) + name }
    assertEquals(vector.text("aad"), base64url(aad))
    val entry = vector.of("entry")
    val plain = when (entry.text("kind")) {
        "digits" -> byteArrayOf(1) + entry.text("text").toByteArray() + ByteArray(10)
        "token" -> byteArrayOf(2) + raw(entry.text("text").removePrefix("courier:1:"))
        else -> error("another kind of entry")
    }
    assertEquals(vector.text("plain"), base64url(plain))

    val info = vector.text("info").toByteArray()
    val enc = raw(vector.text("enc"))
    assertContentEquals(
        enc,
        X25519PrivateKeyParameters(raw(vector.text("ephemeral_secret"))).generatePublicKey().encoded,
    )
    val ephemeral = hpke.deriveKeyPair(raw(vector.text("ephemeral_ikm")))
    val sender = hpke.setupBaseS(hpke.deserializePublicKey(public), info, ephemeral)
    assertContentEquals(enc, sender.encapsulation)
    val ciphertext = sender.seal(aad, plain)
    assertEquals(vector.text("ciphertext"), base64url(ciphertext))
    assertEquals(vector.text("evidence"), base64url(byteArrayOf(1) + keyId + enc + ciphertext))
    val receiver = hpke.setupBaseR(enc, hpke.deserializePrivateKey(secret, public), info)
    assertContentEquals(plain, receiver.open(aad, ciphertext))
}

private fun key(jwk: Json) = ECKey.parse(JSONObjectUtils.toJSONString(jwk.map()))

/** The public key of a signer, whose secret half has to fit. */
private fun signer(signer: Json): ECKey {
    val key = key(signer.of("jwk"))
    assertEquals(signer.text("thumbprint"), key.computeThumbprint().toString())
    val point = ECNamedCurveTable.getParameterSpec("P-256").g.multiply(BigInteger(1, raw(signer.text("secret"))))
    assertEquals(key.x.decodeToBigInteger(), point.normalize().affineXCoord.toBigInteger())
    assertEquals(key.y.decodeToBigInteger(), point.normalize().affineYCoord.toBigInteger())
    return key
}

/** The payload of a JWS with exactly our header, signed by [key]. */
private fun verified(compact: String, key: ECKey, type: String): String {
    compact.split(".").forEach { raw(it) }
    val jws = JWSObject.parse(compact)
    val header = mapOf("alg" to JWSAlgorithm.ES256.name, "kid" to key.computeThumbprint().toString(), "typ" to type)
    assertEquals(header, jws.header.toJSONObject())
    assertTrue(jws.verify(ECDSAVerifier(key)), "the signature does not fit")
    return jws.payload.toString()
}

private fun parsed(payload: String) = Json(JSONObjectUtils.parse(payload))

/** The payloads of a chain, whose links and signatures have to fit, and the hash of its last fact. */
private fun chained(facts: List<String>, device: ECKey): Pair<List<String>, String?> {
    var by = device
    var prev: String? = null
    val payloads = facts.mapIndexed { index, compact ->
        val text = verified(compact, by, "courier-fact+jws")
        val payload = parsed(text)
        assertEquals(prev, payload.optional("prev"))
        assertEquals(index + 1L, payload.number("seq"))
        if (payload.text("kind") == "day_started") by = key(payload.of("body").of("day_jwk"))
        prev = hash(compact)
        text
    }
    return payloads to prev
}

private fun facts(vectors: Json) {
    val (device, day) = signer(vectors.of("device")) to signer(vectors.of("day"))
    val facts = vectors.list("facts")
    val (payloads, _) = chained(facts.map { it.text("jws") }, device)
    val dayKey = key(parsed(payloads[0]).of("body").of("day_jwk"))
    assertEquals(day.computeThumbprint(), dayKey.computeThumbprint())
    assertEquals(12, facts.map { it.text("kind") }.toSet().size)
    for ((fact, text) in facts.zip(payloads)) {
        assertEquals(fact.text("payload"), text)
        assertEquals(fact.text("kind"), parsed(text).text("kind"))
        assertEquals(fact.text("hash"), hash(fact.text("jws")))
        assertEquals(parsed(text).optional("private"), fact.optional("private")?.let { base64url(sha256(raw(it))) })
    }
}

private fun chain(vector: Json) {
    val (payloads, head) = chained(vector.texts("facts"), key(vector.of("device_jwk")))
    assertEquals(100, payloads.size)
    assertEquals(vector.text("head"), head)
    for (payload in payloads.map(::parsed)) {
        assertEquals(vector.text("install"), payload.text("install"))
        assertEquals(vector.number("inc"), payload.number("inc"))
    }
}

/** The payload that a vector's signer signed. */
private fun signed(vector: Json, type: String): Json {
    val text = verified(vector.text("jws"), signer(vector.of("signer")), type)
    assertEquals(vector.text("payload"), text)
    return parsed(text)
}

private fun receipt(vector: Json) {
    val receipt = signed(vector, "courier-receipt+jws")
    assertEquals(receipt.text("hash"), hash(vector.text("fact")))
    val head = parsed(JWSObject.parse(vector.text("fact")).payload.toString())
    assertEquals(receipt.text("install"), head.text("install"))
    for (name in listOf("inc", "seq")) assertEquals(receipt.number(name), head.number(name))
}

private fun assertion(vector: Json) {
    val assertion = signed(vector, "courier-assertion+jws")
    assertEquals(setOf("iss", "aud", "iat", "jti"), assertion.names())
    assertEquals(vector.of("request").text("assertion"), vector.text("jws"))
}

private fun enrolment(vector: Json) {
    val proof = signed(vector, "courier-enrol+jws")
    val request = vector.of("request")
    assertEquals(request.text("proof"), vector.text("jws"))
    assertEquals(request.of("device_jwk"), vector.of("signer").of("jwk"))
    assertEquals(setOf("code", "install"), proof.names())
    for (name in proof.names()) assertEquals(request.text(name), proof.text(name))
}

private fun privatePart(vector: Json) {
    assertEquals(32, raw(vector.text("salt")).size)
    val packed = raw(vector.text("salt")) + vector.text("part").toByteArray()
    assertEquals(vector.text("packed"), base64url(packed))
    assertEquals(vector.text("commitment"), base64url(sha256(packed)))
}

private fun row(vector: Json) {
    val (table, id) = vector.text("table").toByteArray() to vector.text("id").toByteArray()
    val aad = "courier/row/v1\u0000".toByteArray() + u64(table.size.toLong()) + table +
        u64(id.size.toLong()) + id + u64(vector.number("rev"))
    assertEquals(vector.text("aad"), base64url(aad))
    val sealed = raw(vector.text("sealed"))
    assertEquals(vector.text("nonce"), base64url(sealed.copyOf(24)))
    // Tink's form is ours: the nonce, then the ciphertext.
    val plain = XChaCha20Poly1305(raw(vector.text("key"))).decrypt(sealed, aad)
    assertEquals(vector.text("plain"), plain.decodeToString())
}
