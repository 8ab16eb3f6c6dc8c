package io.github.peft4j.models.embedding.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.nn.Pooling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Folders as strangers may make them. */
class SentencePlanTest {

    private static final String TYPE = "sentence_transformers.models.";

    @TempDir
    private Path folder;

    private void write(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private static String module(String path, String type) {
        return "{\"idx\":0,\"name\":\"0\",\"path\":\"" + path + "\",\"type\":\"" + type + "\"}";
    }

    private void modules(String... modules) throws IOException {
        write("modules.json", "[" + String.join(",", modules) + "]");
    }

    private SentencePlan read() throws CheckpointException {
        return SentencePlan.of(folder, ConfigJson.empty(), 16, 24);
    }

    private void assertRefused(String message) {
        assertThatThrownBy(this::read)
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(folder.toString())
                .hasMessageEndingWith(message);
    }

    private void usual() throws IOException {
        modules(module("", TYPE + "Transformer"), module("1_Pooling", TYPE + "Pooling"), module("2", TYPE + "Dense"));
        write("2/config.json", "{\"in_features\":16,\"out_features\":3}");
    }

    @Test
    void whatIsNotToldIsAsTheLibraryHasIt() throws IOException {
        usual();
        SentencePlan plan = read();
        assertThat(plan.pooling()).isEqualTo(Pooling.MEAN);
        assertThat(plan.countsPrompt()).isTrue();
        assertThat(plan.text().maxLength()).isEqualTo(24);
        assertThat(plan.steps()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "../other | path \"../other\" leads out of the folder: expected the name of one in it",
                "/etc | path \"/etc\" leads out of the folder: expected the name of one in it",
                "a/../../b | path \"a/../../b\" leads out of the folder: expected the name of one in it",
                "a/.. | path \"a/..\" leads out of the folder: expected the name of one in it"
            })
    void foldersOfModulesLieInTheFolder(String path, String message) throws IOException {
        modules(module("", TYPE + "Transformer"), module(path, TYPE + "Pooling"));
        assertRefused("modules.json: module 1: " + message);
        assertThatThrownBy(() -> ModuleList.transformer(folder)).isInstanceOf(CheckpointException.class);
    }

    @Test
    void linksDoNotLeadOutOfIt() throws IOException {
        modules(module("", TYPE + "Transformer"), module("1_Pooling", TYPE + "Pooling"));
        Path outside = Files.createTempDirectory(folder.getParent(), "outside");
        Files.createSymbolicLink(folder.resolve("1_Pooling"), outside);
        assertThatThrownBy(this::read)
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("is a link that leads out of its folder");
        Files.delete(outside);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sentence_transformers.models.LSTM | module 1: a module of type \"sentence_transformers.models.LSTM\" is not"
                        + " implemented: expected sentence-transformers' Transformer, Pooling, Dense, Normalize",
                "evil.Pooling | module 1: a module of type \"evil.Pooling\" is not implemented: expected"
                        + " sentence-transformers' Transformer, Pooling, Dense, Normalize",
                "sentence_transformers.models.Normalize | modules.json lists [Transformer, Normalize], expected a Transformer, a"
                        + " Pooling, and then any of Dense and Normalize"
            })
    void modulesThatAreNotImplementedAreRefused(String type, String message) throws IOException {
        modules(module("", TYPE + "Transformer"), module("", type));
        assertRefused(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "modules.json | {} | modules.json holds no list of modules, but an object",
                "modules.json | [3] | modules.json: module 0 is no object, but the number 3",
                "modules.json | [{\"path\":\"\",\"type\":3}] | modules.json: module 0: path and type must be texts",
                "modules.json | [{\"path\":\"\",\"type\":\"x\",\"code\":\"y\"}] | modules.json: module 0 has \"code\", which is"
                        + " not implemented: expected path and type",
                "1_Pooling/config.json | {\"word_embedding_dimension\":8} | 1_Pooling/config.json: embedding_dimension must be"
                        + " the width of hidden states, 16, got 8",
                "1_Pooling/config.json | {\"pooling_mode\":\"median\"} | got \"median\"",
                "1_Pooling/config.json | {\"attentive\":true} | 1_Pooling/config.json: \"attentive\" is not implemented",
                "2/config.json | {\"in_features\":16} | 2/config.json lacks out_features",
                "2/config.json | {\"in_features\":1,\"out_features\":1,\"use_residual\":true} | use_residual is not implemented,"
                        + " got true; only checkpoints without it load",
                "2/config.json | {\"in_features\":1,\"out_features\":1,\"activation_function\":\"os.system\"} | got"
                        + " \"os.system\"",
                "2/config.json | {\"module_input_name\":\"token_embeddings\"} | module_input_name must be \"sentence_embedding\","
                        + " got \"token_embeddings\"",
                "sentence_bert_config.json | {\"processor_kwargs\":{\"a\":1}} | processor_kwargs is not implemented, got"
                        + " {\"a\": 1}; only checkpoints without it load",
                "sentence_bert_config.json | {\"transformer_task\":\"fill-mask\"} | transformer_task must be"
                        + " \"feature-extraction\", got \"fill-mask\"",
                "config_sentence_transformers.json | {\"model_type\":\"SparseEncoder\"} | model_type must be"
                        + " \"SentenceTransformer\", got \"SparseEncoder\"",
                "config_sentence_transformers.json | {\"default_prompt_name\":\"query\"} | default_prompt_name is \"query\","
                        + " which is none of the prompts []"
            })
    void whatIsNotKnownOrNotImplementedIsRefused(String file, String content, String message) throws IOException {
        usual();
        write(file, content);
        assertRefused(message);
    }
}
