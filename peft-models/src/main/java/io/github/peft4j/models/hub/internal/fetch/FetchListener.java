package io.github.peft4j.models.hub.internal.fetch;

/** Is told how fetching goes. Called by several threads. */
public interface FetchListener {

    /** Hears nothing. */
    FetchListener NONE = new FetchListener() {};

    /** So much is to come in, now or on top of what was told before. */
    default void planned(int files, long bytes) {}

    /** So many bytes have come in; fewer than none if they come in again. */
    default void arrived(long bytes) {}

    /** Something that the user should know, in one line. */
    default void note(String text) {}

    /** Nothing more comes in, for better or worse. */
    default void ended() {}
}
