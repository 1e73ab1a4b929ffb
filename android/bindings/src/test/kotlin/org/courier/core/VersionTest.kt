package org.courier.core

import kotlin.test.Test
import kotlin.test.assertEquals

class VersionTest {
    @Test
    fun `the library tells the version that the bindings were built with`() {
        assertEquals(System.getProperty("courier.version"), coreVersion())
    }
}
