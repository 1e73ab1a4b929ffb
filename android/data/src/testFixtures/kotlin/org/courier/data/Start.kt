package org.courier.data

import com.sun.jna.Native
import kotlinx.coroutines.flow.filterNotNull
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import org.courier.core.coreVersion
import java.io.File
import kotlin.system.exitProcess

/**
 * A start of the app as far as it needs no screen: until Kotlin has the route of the phone in the folder that is named first. Says when
 * it was how far, in ms. Classes that a second file names are there before it begins.
 */
object Start {
    @JvmStatic
    fun main(arguments: Array<String>) {
        for (name in arguments.drop(1).flatMap { File(it).readLines() }) Class.forName(name, true, null)
        val begun = System.nanoTime()

        fun at() = (System.nanoTime() - begun) / 1e6
        check(Native.POINTER_SIZE > 0)
        val jna = at()
        coreVersion()
        val library = at()
        val phone = TestPhone(File(arguments.first()))
        runBlocking {
            phone.repository.resume()
            val open = at()
            val route = phone.repository.route.filterNotNull().first()
            val shown = at()
            println("jna $jna, library $library, open $open, route $shown of ${route.stops.size} stops")
        }
        exitProcess(0)
    }
}
