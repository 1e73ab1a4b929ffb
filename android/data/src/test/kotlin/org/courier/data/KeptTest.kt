package org.courier.data

import app.cash.turbine.test
import kotlinx.coroutines.cancelChildren
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.filterNotNull
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlin.coroutines.coroutineContext
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNull

class KeptTest {
    private val view = MutableStateFlow<String?>("one courier's")

    private fun kept(test: suspend (Kept<String>) -> Unit) =
        runBlocking {
            test(Kept(this, view))
            coroutineContext.cancelChildren()
        }

    @Test
    fun `what was seen is there when somebody looks again`() =
        kept {
            assertNull(it.values.value)
            assertEquals("one courier's", it.values.filterNotNull().first())
            assertEquals("one courier's", it.values.value)
        }

    @Test
    fun `who looks after it was forgotten begins with nothing`() =
        kept {
            it.values.filterNotNull().first()
            it.forget()
            view.value = "another's"
            it.values.test {
                assertNull(awaitItem())
                assertEquals("another's", awaitItem())
            }
        }

    @Test
    fun `who looks while it is forgotten sees nothing, and then what comes next`() =
        kept {
            it.values.test {
                assertNull(awaitItem())
                assertEquals("one courier's", awaitItem())
                view.value = null
                it.forget()
                assertNull(awaitItem())
                view.value = "another's"
                assertEquals("another's", awaitItem())
            }
        }
}
