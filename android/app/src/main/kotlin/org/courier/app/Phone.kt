package org.courier.app

import android.content.Context
import android.net.ConnectivityManager
import android.net.Network
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.conflate
import org.courier.core.Level
import org.courier.core.Log
import org.courier.data.Connectivity
import org.courier.data.Preferences

/** Small settings in Android's own file for them, which is in no backup. */
class SharedSettings(
    context: Context,
) : Preferences {
    private val shared = context.getSharedPreferences("settings", Context.MODE_PRIVATE)

    override fun read(name: String): String? = shared.getString(name, null)

    override fun write(
        name: String,
        value: String,
    ) {
        // Durable when it returns: an enrolled phone must not forget its server.
        shared.edit().putString(name, value).commit()
    }
}

/** Whether Android thinks that there is a network. */
class NetworkHint(
    context: Context,
) : Connectivity {
    private val manager = checkNotNull(context.getSystemService(ConnectivityManager::class.java))

    override val online =
        callbackFlow {
            trySend(manager.activeNetwork != null)
            val callback =
                object : ConnectivityManager.NetworkCallback() {
                    override fun onAvailable(network: Network) {
                        trySend(true)
                    }

                    override fun onLost(network: Network) {
                        trySend(false)
                    }
                }
            manager.registerDefaultNetworkCallback(callback)
            awaitClose { manager.unregisterNetworkCallback(callback) }
        }.conflate()
}

/** Events into Android's log. They consist of stable words and identifiers, never of names, codes or texts. */
object SystemLog : Log {
    private const val TAG = "courier"

    override fun event(
        level: Level,
        code: String,
        ids: List<String>,
    ) {
        val priority =
            when (level) {
                Level.DEBUG -> android.util.Log.DEBUG
                Level.INFO -> android.util.Log.INFO
                Level.WARN -> android.util.Log.WARN
                Level.ERROR -> android.util.Log.ERROR
            }
        android.util.Log.println(priority, TAG, "$code ${ids.joinToString(" ")}")
    }
}
