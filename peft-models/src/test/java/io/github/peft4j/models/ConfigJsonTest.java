package io.github.peft4j.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigJsonTest {

    @TempDir
    Path folder;

    private static ConfigJson json(String text) throws CheckpointException {
        return ConfigJson.parse(text.replace('\'', '"'), "config.json");
    }

    private static void assertBad(ThrowingCallable reading, String message) {
        assertThatThrownBy(reading).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }

    @Test
    void readsTheConfigOfAFolder() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"vocab_size\": 7}");
        ConfigJson json = ConfigJson.read(folder);
        assertThat(json.integer("vocab_size")).isEqualTo(7);
        assertThat(json.source()).isEqualTo(folder.resolve("config.json").toString());
    }

    @Test
    void saysThatAFolderHoldsNone() {
        assertThatThrownBy(() -> ConfigJson.read(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("no config.json in " + folder
                        + ": expected a checkpoint folder as Hugging Face's save_pretrained writes it");
    }

    @Test
    void refusesAFileThatIsFarTooLarge() throws IOException {
        Path file = folder.resolve("config.json");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(17L << 20);
        }
        assertThatThrownBy(() -> ConfigJson.read(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(file + " has 17825792 bytes, expected at most 16777216");
    }

    @Test
    void refusesWhatIsNotARegularFile() throws IOException {
        Files.createDirectory(folder.resolve("config.json"));
        assertThatThrownBy(() -> ConfigJson.read(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(folder.resolve("config.json") + " is not a regular file");
    }

    @Test
    void refusesWhatIsNoObject() {
        for (String text : new String[] {"[1]", "3", "\"x\"", "null"}) {
            assertThatThrownBy(() -> json(text))
                    .as(text)
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageStartingWith("config.json holds no JSON object, but ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'a': 1", "{'a': 1} {", "{'a': None}", "", "{a: 1}"})
    void refusesInvalidJsonWithItsPlace(String text) {
        assertThatThrownBy(() -> json(text))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("config.json is no valid JSON: ")
                .hasMessageContaining(" at line 1, column ");
    }

    @Test
    void takesTheFirstKeyThatIsThereAndNotNull() throws IOException {
        ConfigJson json = json("{'a': null, 'b': 3, 'c': 4}");
        assertThat(json.integer("a", "b", "c")).isEqualTo(3);
        assertThat(json.integer("c", "b")).isEqualTo(4);
        assertThat(json.integerOr(9, "a", "x")).isEqualTo(9);
        assertThat(json.has("a")).isFalse();
        assertThat(json.has("b")).isTrue();
        assertThat(json.isNull("a")).isTrue();
        assertThat(json.isNull("b")).isFalse();
        assertThat(json.isNull("x")).isFalse();
    }

    @Test
    void saysWhichKeysAreLacking() throws IOException {
        ConfigJson json = json("{}");
        assertThat(json.isEmpty()).isTrue();
        assertBad(() -> json.integer("hidden_size", "n_embd"), "config.json lacks hidden_size or n_embd");
        assertBad(() -> json.positive("factor"), "config.json lacks factor");
    }

    @Test
    void readsPositiveWholeNumbersOnly() throws IOException {
        ConfigJson json = json("{'zero': 0, 'half': 1.5, 'text': '3', 'large': 3000000000, 'one': 1}");
        assertThat(json.integerOr(7, "one")).isEqualTo(1);
        assertBad(() -> json.integer("zero"), "config.json: zero must be a positive whole number, got 0");
        assertBad(() -> json.integer("half"), "config.json: half must be a positive whole number, got 1.5");
        assertBad(() -> json.integer("x", "text"), "config.json: text must be a positive whole number, got \"3\"");
        assertBad(
                () -> json.integerOr(1, "large"), "config.json: large must be a positive whole number, got 3000000000");
    }

    @Test
    void readsCountsThatMayBeZero() throws IOException {
        ConfigJson json = json("{'zero': 0, 'minus': -1, 'null': null}");
        assertThat(json.countOr(5, "zero")).isZero();
        assertThat(json.countOr(5, "null")).isEqualTo(5);
        assertBad(() -> json.countOr(5, "minus"), "config.json: minus must be a whole number of at least 0, got -1");
    }

    @Test
    void readsNumbersAboveZero() throws IOException {
        ConfigJson json = json("{'whole': 2, 'small': 1e-5, 'zero': 0, 'minus': -0.5, 'huge': 1e999, 'flag': true}");
        assertThat(json.positive("whole")).isEqualTo(2);
        assertThat(json.positiveOr(1, "x", "small")).isEqualTo(1e-5);
        assertThat(json.positiveOr(1, "x")).isEqualTo(1);
        assertBad(() -> json.positive("zero"), "config.json: zero must be a number above 0, got 0");
        assertBad(() -> json.positiveOr(1, "minus"), "config.json: minus must be a number above 0, got -0.5");
        assertThatThrownBy(() -> json.positive("huge")).hasMessageContaining("huge must be a number above 0");
        assertBad(() -> json.positive("flag"), "config.json: flag must be a number above 0, got true");
    }

    @Test
    void readsTruthValues() throws IOException {
        ConfigJson json = json("{'yes': true, 'no': false, 'null': null, 'one': 1}");
        assertThat(json.flagOr(false, "yes")).isTrue();
        assertThat(json.flagOr(true, "no")).isFalse();
        assertThat(json.flagOr(true, "null")).isTrue();
        assertBad(() -> json.flagOr(true, "one"), "config.json: one must be true or false, got 1");
    }

    @Test
    void readsTexts() throws IOException {
        ConfigJson json = json("{'name': 'silu', 'list': ['a', 'b'], 'mixed': ['a', 1], 'number': 1}");
        assertThat(json.textOr("gelu", "x", "name")).isEqualTo("silu");
        assertThat(json.textOr("gelu", "x")).isEqualTo("gelu");
        assertThat(json.textOrNull("x")).isNull();
        assertThat(json.texts("list")).containsExactly("a", "b");
        assertThat(json.texts("x")).isEmpty();
        assertBad(() -> json.textOrNull("number"), "config.json: number must be text, got 1");
        assertBad(() -> json.texts("mixed"), "config.json: mixed must be a list of texts, got [\"a\", 1]");
        assertBad(() -> json.texts("name"), "config.json: name must be a list of texts, got \"silu\"");
    }

    @Test
    void readsNestedObjectsAndSaysWhereTheyStood() throws IOException {
        ConfigJson json = json("{'rope_scaling': {'factor': 'x'}, 'list': []}");
        ConfigJson nested = json.object("rope_scaling");
        assertThat(nested).isNotNull();
        assertBad(
                () -> nested.positive("factor"),
                "config.json: rope_scaling: factor must be a number above 0, got \"x\"");
        assertThat(json.object("x")).isNull();
        assertBad(() -> json.object("list"), "config.json: list must be an object, got []");
    }

    @Test
    void refusesByNameWhatIsNotImplemented() throws IOException {
        ConfigJson json = json("{'on': true, 'off': false, 'null': null, 'set': {'bits': 4}}");
        json.refuse("off");
        json.refuse("null");
        json.refuse("x");
        assertBad(
                () -> json.refuse("set"),
                "config.json: set is not implemented, got {\"bits\": 4}; only checkpoints without it load");
        assertThatThrownBy(() -> json.refuse("on")).hasMessageContaining("on is not implemented, got true");
    }

    @Test
    void theFirstOfASettingsNamesCountsWhateverTheirOrderInTheFile() throws CheckpointException {
        assertThat(json("{'n_layer': 3, 'num_hidden_layers': 2}").integer("num_hidden_layers", "n_layer"))
                .isEqualTo(2);
        assertThat(json("{'n_layer': 3, 'num_hidden_layers': null}").integer("num_hidden_layers", "n_layer"))
                .isEqualTo(3);
    }

    @Test
    void namesOfOneSettingThatDisagreeAreNoted() throws CheckpointException {
        ConfigJson json = json("{'n_layer': 3, 'num_hidden_layers': 2, 'n_head': 4, 'num_attention_heads': 4}");
        json.integer("num_attention_heads", "n_head");
        assertThat(json.conflicts()).isEmpty();
        json.integer("num_hidden_layers", "n_layer");
        json.integer("num_hidden_layers", "n_layer");
        assertThat(json.conflicts()).containsExactly("num_hidden_layers = 2 and n_layer = 3");
    }
}
