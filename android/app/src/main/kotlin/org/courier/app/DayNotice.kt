package org.courier.app

import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.PendingIntent
import android.content.Context
import android.content.Intent
import org.courier.data.RunningDay
import org.courier.ui.words.Words

/**
 * What is told while a day runs and the app may not be on the screen: numbers alone. Whoever holds the phone reads it, locked
 * or not, so no name, street, town or code is ever in it.
 */
class DayNotice(
    private val context: Context,
) {
    private val manager = checkNotNull(context.getSystemService(NotificationManager::class.java))

    /** The notice for [day]; null is the moment before it is known how the day stands. */
    fun of(
        day: RunningDay?,
        words: Words,
    ): Notification {
        // Made again, so that its name follows the courier's language: Android takes nothing else of it twice.
        val channel = NotificationChannel(CHANNEL, words.noticeChannel, NotificationManager.IMPORTANCE_LOW)
        channel.setShowBadge(false)
        manager.createNotificationChannel(channel)
        val app = Intent(context, MainActivity::class.java)
        return Notification
            .Builder(context, CHANNEL)
            .setSmallIcon(R.drawable.notice)
            .setContentTitle(day?.let { words.noticeTitle(it.next) } ?: words.noticeChannel)
            .setContentText(day?.let { words.noticeText(it.left, it.facts, it.files) })
            .setContentIntent(PendingIntent.getActivity(context, 0, app, PendingIntent.FLAG_IMMUTABLE))
            .setCategory(Notification.CATEGORY_SERVICE)
            .setVisibility(Notification.VISIBILITY_PUBLIC)
            .setOngoing(true)
            .setOnlyAlertOnce(true)
            .setShowWhen(false)
            .build()
    }

    /** Says it anew. Where the courier refused notices, nothing is seen, and nothing else changes. */
    fun show(
        day: RunningDay,
        words: Words,
    ) = manager.notify(ID, of(day, words))

    companion object {
        const val CHANNEL = "day"
        const val ID = 1
    }
}
