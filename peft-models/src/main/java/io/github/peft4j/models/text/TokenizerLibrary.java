package io.github.peft4j.models.text;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import io.github.peft4j.models.internal.natives.NativeLoading;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Map;

/** Hugging Face's tokenizers, a native library in the jar of {@code ai.djl.huggingface:tokenizers}. */
final class TokenizerLibrary {

    private TokenizerLibrary() {}

    /**
     * Loads the library, if it is not there yet.
     *
     * @throws IllegalStateException if it cannot be loaded
     */
    static void load() {
        try {
            NativeLoading.fromClassPath(() -> {
                LibUtils.checkStatus();
                return Boolean.TRUE;
            });
        } catch (EngineException | LinkageError e) {
            Throwable reason = e;
            while (reason.getCause() != null) {
                reason = reason.getCause();
            }
            throw new IllegalStateException(
                    "the tokenizers' native library cannot be loaded: " + reason.getMessage()
                            + ". It comes in the jar of ai.djl.huggingface:tokenizers, for linux-x86_64, linux-aarch64,"
                            + " osx-aarch64 and win-x86_64",
                    e);
        }
    }

    /**
     * A tokenizer that neither cuts nor pads.
     *
     * @param json a {@code tokenizer.json}
     * @throws IOException if it cannot be read
     * @throws RuntimeException if it is damaged
     */
    static HuggingFaceTokenizer open(byte[] json) throws IOException {
        return NativeLoading.<HuggingFaceTokenizer, IOException>fromClassPath(() -> HuggingFaceTokenizer.newInstance(
                new ByteArrayInputStream(json), Map.of("truncation", "false", "padding", "false")));
    }
}
