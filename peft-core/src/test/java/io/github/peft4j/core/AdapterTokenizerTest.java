package io.github.peft4j.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which tokenizer a model uses: that of the folder it came from, or the one that was saved with an active adapter. */
final class AdapterTokenizerTest {

    @TempDir
    private Path folder;

    private Path saved;

    private Model<LanguageHead> model;

    @BeforeEach
    void open() throws IOException {
        Path checkpoint = Toy.write(folder.resolve("model"), false);
        tokenizer(checkpoint, "its");
        model = Toy.load(checkpoint);
        PeftModel<?> peft = PeftModel.attach(model, FakeConfig.of("q_proj"), AttachContext.of(0), FakeMethod.ALONE);
        saved = folder.resolve("adapter");
        peft.save(saved);
        peft.unload();
        tokenizer(saved, "own");
    }

    @AfterEach
    void close() {
        model.close();
    }

    /** A tokenizer that knows one word beside the unknown one. */
    private static void tokenizer(Path where, String word) throws IOException {
        Files.writeString(where.resolve("tokenizer.json"), """
                {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
                 "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null, "decoder": null,
                 "model": {"type": "WordLevel", "vocab": {"?": 0, "%s": 1}, "unk_token": "?"}}
                """.formatted(word));
        Files.writeString(where.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"PreTrainedTokenizerFast\"}");
    }

    private static String known(Tokenizer tokenizer) {
        return tokenizer.decode(new int[] {1}, true);
    }

    @Test
    void anAdaptersOwnTokenizerIsUsedWhileItIsActive() throws Exception {
        assertThat(known(model.tokenizer())).isEqualTo("its");
        PeftModel<?> peft = PeftModel.load(model, saved, FakeMethod.ALONE);
        assertThat(known(model.tokenizer())).isEqualTo("own");
        assertThat(peft.withoutAdapters(this::nowKnown)).isEqualTo("its");
        assertThat(known(model.tokenizer())).isEqualTo("own");
        peft.unload();
        assertThat(known(model.tokenizer())).isEqualTo("its");
    }

    private String nowKnown() {
        try {
            return known(model.tokenizer());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void anAdapterThatIsNeitherAFolderNorInTheHubCacheIsRefused() {
        assertThatThrownBy(() -> PeftModel.load(model, "./no such adapter"))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("no adapter folder at ./no such adapter: there is no such folder");
        assertThatThrownBy(() -> PeftModel.load(
                        model, saved.resolve("adapter_config.json").toString()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("expected a folder with adapter_config.json and adapter_model.safetensors");
    }
}
