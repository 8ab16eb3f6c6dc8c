package io.github.peft4j.models.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which tokens a model's own configs name. */
class ModelTokensTest {

    @TempDir
    private Path folder;

    @Test
    void takes_the_generation_config_before_the_config() throws IOException {
        ToyFolders.write(folder, "config.json", "{\"bos_token_id\":1,\"eos_token_id\":2,\"pad_token_id\":3}");
        ToyFolders.write(
                folder, "generation_config.json", "{\"eos_token_id\":[128001,128008,128009],\"pad_token_id\":null}");

        ModelTokens tokens = ModelTokens.read(folder);

        assertThat(tokens.begin()).isEqualTo(OptionalInt.of(1));
        assertThat(tokens.ends()).containsExactly(128001, 128008, 128009);
        assertThat(tokens.padding()).isEqualTo(OptionalInt.of(3));
    }

    @Test
    void knows_none_where_nothing_is_said() throws IOException {
        ToyFolders.write(folder, "config.json", "{\"pad_token_id\":-1}");

        assertThat(ModelTokens.read(folder))
                .isEqualTo(new ModelTokens(OptionalInt.empty(), java.util.Set.of(), OptionalInt.empty()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"2\"", "2.5", "[1,\"x\"]", "{}", "99999999999"})
    void refuses_what_is_no_id(String value) throws IOException {
        ToyFolders.write(folder, "config.json", "{\"eos_token_id\":" + value + "}");

        assertThatThrownBy(() -> ModelTokens.read(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(folder + ": eos_token_id must be a token id or a list of them, got " + value);
    }
}
