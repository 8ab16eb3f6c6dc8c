package io.github.peft4j.models.checkpoint;

/** A tensor of a type this version does not know: it does no harm as long as nobody reads it. */
record UnknownTensor(MappedFile file, String name, String type) {

    CheckpointException refusal() {
        return new CheckpointException("tensor " + Quoted.name(name) + " of " + file.path() + " has the type "
                + Quoted.name(type) + ", which is not supported");
    }
}
