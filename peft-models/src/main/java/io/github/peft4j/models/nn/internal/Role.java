package io.github.peft4j.models.nn.internal;

/** What a child is to its parent, told where the child is made; what a model declares about its parts follows from these. */
public enum Role {
    /** Attention of a block. */
    ATTENTION,
    /** A projection to queries. */
    QUERY,
    /** A projection to keys. */
    KEY,
    /** A projection to values. */
    VALUE,
    /** One projection to queries, keys and values. */
    QUERY_KEY_VALUE,
    /** The projection of attention's outcome. */
    ATTENTION_OUTPUT,
    /** A layer of the feed-forward part of a block that is fed with the part's input. */
    FEED_FORWARD_INPUT,
    /** The last layer of the feed-forward part. */
    FEED_FORWARD_OUTPUT,
    /** A norm. */
    NORM,
    /** Anything else. */
    OTHER
}
