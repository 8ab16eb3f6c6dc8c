package io.github.peft4j.models.checkpoint.internal.safetensors;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.MappedFile;
import io.github.peft4j.models.internal.message.Printable;

/** A tensor of a type this version does not know: it does no harm as long as nobody reads it. */
record UnknownTensor(MappedFile file, String name, String type) {

    CheckpointException refusal() {
        return new CheckpointException("tensor " + Printable.quoted(name) + " of " + file.path() + " has the type "
                + Printable.quoted(type) + ", which is not supported");
    }
}
