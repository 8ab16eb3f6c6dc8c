package io.github.peft4j.models.generate.internal;

import io.github.peft4j.models.generate.Generator;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.internal.TextStream;
import java.util.function.Consumer;

/** Tells the text of one prompt's continuation piece by piece, while its tokens come. Not safe for concurrent use. */
public final class TextPieces implements Generator.Listener {

    private final TextStream stream;
    private final Consumer<String> pieces;

    /**
     * Begins a text.
     *
     * @param tokenizer of the model that continues
     * @param pieces takes what is certain, never an empty text
     */
    public TextPieces(Tokenizer tokenizer, Consumer<String> pieces) {
        this.stream = tokenizer.stream(true);
        this.pieces = pieces;
    }

    @Override
    public void token(int prompt, int id) {
        give(stream.add(id));
    }

    /** Tells what was held back; to be called when the continuation has ended. */
    public void finish() {
        give(stream.finish());
    }

    private void give(String piece) {
        if (!piece.isEmpty()) {
            pieces.accept(piece);
        }
    }
}
