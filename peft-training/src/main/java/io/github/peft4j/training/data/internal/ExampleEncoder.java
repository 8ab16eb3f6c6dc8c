package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;

/** Turns rows of files into token ids and what is to be learned of them. */
interface ExampleEncoder {

    /**
     * What a row is, by its keys.
     *
     * @throws RowException if it is nothing that this encodes
     */
    RowKind kind(FileRow row) throws RowException;

    /**
     * Encodes a row, and cuts it where it is too long.
     *
     * @throws RowException if it is no example
     * @throws CheckpointException if something of the checkpoint that it needs cannot be opened
     */
    Encoded encode(RowKind kind, FileRow row) throws RowException, CheckpointException;
}
