package org.courier.data

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNull

class OfficeQrTest {
    @Test
    fun `the office's QR is its server and a code, however a scanner ends its lines`() {
        for (ending in listOf("", "\n", "\r\n", " ")) {
            for (between in listOf("\n", "\r\n", " \n")) {
                val read = OfficeQr.read("https://courier.example${between}ABCDE23456$ending")
                assertEquals(OfficeQr("https://courier.example", "ABCDE23456"), read)
            }
        }
    }

    @Test
    fun `any other QR is none`() {
        val customers = "courier:1:AAAAAAAAAAAAAAAAAAAAAA"
        val contact = "BEGIN:VCARD\nFN:Kaya\nEND:VCARD"
        for (other in listOf("", "\n", "ABCDE23456", "https://courier.example", customers, contact, "a\n\nb")) {
            assertNull(OfficeQr.read(other), other)
        }
    }
}
