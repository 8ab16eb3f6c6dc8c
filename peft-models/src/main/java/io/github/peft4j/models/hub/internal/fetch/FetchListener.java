package io.github.peft4j.models.hub.internal.fetch;

/** Is told how fetching, or sending, goes. Called by several threads. */
public interface FetchListener {

    /** Hears nothing. */
    FetchListener NONE = new FetchListener() {};

    /** So much is to be transferred, now or on top of what was told before. */
    default void planned(int files, long bytes) {}

    /** So many bytes have been transferred; fewer than none if they are transferred again. */
    default void arrived(long bytes) {}

    /** Something that the user should know, in one line. */
    default void note(String text) {}

    /** Nothing more is transferred, for better or worse. */
    default void ended() {}
}
