package io.github.peft4j.core.config.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.TaskType;
import io.github.peft4j.models.internal.json.JsonWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigValuesTest extends ConfigValuesCase {

    @Test
    void wholeNumbersAreReadFromJson() {
        assertThat(json("x", 16).integer("x", 1)).isEqualTo(16);
        assertThat(json("x", 16L).integer("x", 1)).isEqualTo(16);
        assertThat(json("x", 128.0).integer("x", 1)).isEqualTo(128);
        assertThat(json("x", null).integer("x", 1)).isEqualTo(1);
        assertThat(json("y", 16).integer("x", 1)).isEqualTo(1);
        assertThat(json("x", 16).integerOrNull("x")).isEqualTo(16);
        assertThat(json("x", null).integerOrNull("x")).isNull();
    }

    @Test
    void wholeNumbersAreReadFromSettings() {
        assertThat(setting(" 16 ").integer("x", 1)).isEqualTo(16);
        assertThat(setting("-3").integer("x", 1)).isEqualTo(-3);
        assertThat(setting("16.0").integer("x", 1)).isEqualTo(16);
        assertThat(setting("null").integer("x", 1)).isEqualTo(1);
        assertThat(setting("None").integerOrNull("x")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.5", "two", "", "0x10", "1,2", "12345678901", "99999999999999999999"})
    void aSettingThatIsNoWholeNumberIsRefused(String text) {
        ConfigValues values = setting(text);
        assertThat(values.integer("x", 7)).isEqualTo(7);
        assertThatThrownBy(values::finish)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("x must be a whole number, got \"" + text + "\"");
    }

    @Test
    void aValueThatIsNoWholeNumberIsRefused() {
        for (Object value : List.of(1.5, "16", true, List.of(), 1L << 40)) {
            ConfigValues values = json("x", value);
            values.integer("x", 1);
            refused(values, "x must be a whole number, got " + JsonWriter.LINE.write(value) + " (file)");
        }
    }

    @Test
    void numbersAreRead() {
        assertThat(json("x", 1e-5).number("x", 0)).isEqualTo(1e-5);
        assertThat(json("x", 3).number("x", 0)).isEqualTo(3);
        assertThat(setting("1e-5").number("x", 0)).isEqualTo(1e-5);
        assertThat(setting(".5").number("x", 0)).isEqualTo(0.5);
        assertThat(setting("+5.").number("x", 0)).isEqualTo(5);
        assertThat(setting("null").number("x", 0.25)).isEqualTo(0.25);
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "Infinity", "1e999", "0x1p3", "1f", "1d", "1e", "--1"})
    void aSettingThatIsNoNumberIsRefused(String text) {
        ConfigValues values = setting(text);
        values.number("x", 0);
        refused(values, "x must be a number, got \"" + text + "\" (settings)");
    }

    @Test
    void numbersCanBeKeptAsTheyAreWritten() {
        assertThat(json("x", 8).numberAsWritten("x", 1)).isEqualTo(8);
        assertThat(json("x", 8.0).numberAsWritten("x", 1)).isEqualTo(8.0);
        assertThat(setting("8").numberAsWritten("x", 1)).isEqualTo(8);
        assertThat(setting("8.0").numberAsWritten("x", 1)).isEqualTo(8.0);
        assertThat(setting("12345678901").numberAsWritten("x", 1)).isEqualTo(12345678901L);
        assertThat(json("y", 8).numberAsWritten("x", 1)).isEqualTo(1);
    }

    // ---- truth, text, constants

    @Test
    void truthValuesAreRead() {
        assertThat(json("x", true).flag("x", false)).isTrue();
        assertThat(json("x", null).flag("x", true)).isTrue();
        assertThat(setting("True").flag("x", false)).isTrue();
        assertThat(setting("false").flag("x", true)).isFalse();
    }

    @Test
    void whatIsNoTruthValueIsRefused() {
        ConfigValues file = json("x", 1);
        file.flag("x", true);
        refused(file, "x must be true or false, got 1 (file)");
        ConfigValues typed = setting("yes");
        typed.flag("x", true);
        refused(typed, "x must be true or false, got \"yes\" (settings)");
    }

    @Test
    void textIsRead() {
        assertThat(json("x", "a").text("x", "b")).isEqualTo("a");
        assertThat(json("x", null).text("x", "b")).isEqualTo("b");
        assertThat(setting("a, b").text("x", "c")).isEqualTo("a, b");
        assertThat(setting("None").textOrNull("x")).isNull();
        assertThat(json("x", "").textOrNull("x")).isEmpty();
        ConfigValues values = json("x", 3);
        assertThat(values.textOrNull("x")).isNull();
        refused(values, "x must be text, got 3 (file)");
    }

    @Test
    void aKeyMayTakeATruthValueOrText() {
        assertThat(json("x", "gaussian").flagOrText("x", true)).isEqualTo("gaussian");
        assertThat(json("x", false).flagOrText("x", true)).isEqualTo(false);
        assertThat(setting("false").flagOrText("x", true)).isEqualTo(false);
        assertThat(setting("gaussian").flagOrText("x", true)).isEqualTo("gaussian");
        assertThat(json("x", null).flagOrText("x", true)).isEqualTo(true);
        ConfigValues values = json("x", List.of(1));
        values.flagOrText("x", true);
        refused(values, "x must be true, false or text, got [1] (file)");
    }

    @Test
    void constantsAreReadByName() {
        assertThat(json("x", "SEQ_CLS").constant("x", TaskType.CAUSAL_LM)).isEqualTo(TaskType.SEQ_CLS);
        assertThat(setting("seq_cls").constant("x", TaskType.CAUSAL_LM)).isEqualTo(TaskType.SEQ_CLS);
        assertThat(json("x", null).constant("x", TaskType.CAUSAL_LM)).isEqualTo(TaskType.CAUSAL_LM);
        ConfigValues values = json("x", "LSTM");
        values.constant("x", TaskType.CAUSAL_LM);
        refused(
                values,
                "x must be one of [SEQ_CLS, SEQ_2_SEQ_LM, CAUSAL_LM, TOKEN_CLS, QUESTION_ANS, FEATURE_EXTRACTION],"
                        + " got \"LSTM\" (file)");
    }

    // ---- both, all, none

    @Test
    void settingsTakeThePlaceOfWhatTheFileSays() {
        ConfigValues values =
                ConfigValues.of(Map.of("r", 8, "alpha", 16), "file").with(Map.of("r", "4"));
        assertThat(values.integer("r", 1)).isEqualTo(4);
        assertThat(values.integer("alpha", 1)).isEqualTo(16);
        assertThat(values.finish().unknown()).isEmpty();
    }

    @Test
    void everyProblemIsToldAtOnce() {
        ConfigValues values = ConfigValues.of(
                        Map.of("r", "many", "task_type", "FOO", "use_dora", true, "auto_mapping", 3), "f.json")
                .with(Map.of("lora_alfa", "16"));
        values.integer("r", 8);
        values.integer("lora_alpha", 8);
        values.refuse("use_dora", false);
        values.reject("r and lora_alpha do not go together");
        assertThatThrownBy(values::finish)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "r must be a whole number, got \"many\"; r and lora_alpha do not go together; auto_mapping must"
                                + " be an object, got 3; Invalid task type: 'FOO'. Must be one of the following task types:"
                                + " SEQ_CLS, SEQ_2_SEQ_LM, CAUSAL_LM, TOKEN_CLS, QUESTION_ANS, FEATURE_EXTRACTION.; unknown key"
                                + " lora_alfa: did you mean lora_alpha?; it also sets use_dora=true, which this version does"
                                + " not implement (f.json)");
    }

    @Test
    void aSettingThatIsNearToNoneIsToldWhatThereIs() {
        ConfigValues values = ConfigValues.of(Map.of(), "f.json").with(Map.of("completely_other", "1"));
        assertThatThrownBy(values::finish)
                .hasMessage("unknown key completely_other: known are [auto_mapping, base_model_name_or_path,"
                        + " inference_mode, peft_type, peft_version, revision, runtime_config, task_type] (f.json)");
    }

    @Test
    void unknownKeysOfAFileAreKept() {
        ConfigValues values =
                ConfigValues.of(Map.of("r", 8, "new_key", List.of(1), "runtime_config", Map.of()), "file");
        values.integer("r", 1);
        assertThat(values.finish().unknown()).isEqualTo(Map.of("new_key", List.of(1)));
    }

    @ParameterizedTest
    @CsvSource({"true", "gaussian", "null", "False"})
    void aHarmlessSettingPasses(String text) {
        ConfigValues values = setting(text);
        values.refuse("x", true, false, "gaussian");
        assertThat(values.finish().unknown()).isEmpty();
    }

    @Test
    void aHarmlessValuePasses() {
        for (Object value : List.of(false, 0, 0.0, "none", List.of(), Map.of())) {
            ConfigValues values = json("x", value);
            values.refuse("x", false, 0, "none", List.of(), Map.of());
            assertThat(values.finish().unknown()).isEmpty();
        }
        ConfigValues none = json("x", null);
        none.refuse("x");
        assertThat(none.finish().unknown()).isEmpty();
        ConfigValues zero = setting("0.0");
        zero.refuse("x", 0);
        assertThat(zero.finish().unknown()).isEmpty();
    }

    @Test
    void whatAsksForSomethingNotImplementedIsRefusedByName() {
        ConfigValues values = ConfigValues.of(Map.of("a", true, "b", Map.of("c", 1), "d", 1), "f.json")
                .with(Map.of("e", "pissa"));
        values.refuse("a", false);
        values.refuse("b", Map.of());
        values.refuse("d", 0);
        values.refuse("e", true, "gaussian");
        assertThatThrownBy(values::finish)
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage(
                        "f.json sets a=true, b={\"c\": 1}, d=1, e=\"pissa\", which this version does not implement");
    }

    @Test
    void whatAllConfigsHaveIsRead() {
        CommonSettings common = ConfigValues.of(
                        Map.of(
                                "task_type", "CAUSAL_LM",
                                "base_model_name_or_path", "org/base",
                                "revision", "main",
                                "inference_mode", true,
                                "peft_version", "0.5.0",
                                "auto_mapping", Map.of("a", "b")),
                        "file")
                .finish();
        assertThat(common)
                .isEqualTo(new CommonSettings(
                        TaskType.CAUSAL_LM, "org/base", "main", true, Map.of("a", "b"), "0.5.0", Map.of(), false));
        assertThat(ConfigValues.of(Map.of(), "file").finish())
                .isEqualTo(new CommonSettings(
                        null, null, null, false, null, CommonSettings.PEFT_VERSION, Map.of(), false));
        assertThat(CommonSettings.forModel().withInferenceMode(true).inferenceMode())
                .isTrue();
    }

    // ---- what Python writes otherwise

    @ParameterizedTest
    @ValueSource(strings = {"CAUSAL_LM", "TaskType.CAUSAL_LM"})
    void constantsAreReadAsPythonShowsThemToo(String text) {
        assertThat(json("task_type", text).finish().taskType()).isEqualTo(TaskType.CAUSAL_LM);
        assertThat(json("x", text).constantName("x", "")).isEqualTo("CAUSAL_LM");
        assertThat(json("x", text).constantNameOrNull("x")).isEqualTo("CAUSAL_LM");
        assertThat(json("x", text).constant("x", TaskType.SEQ_CLS)).isEqualTo(TaskType.CAUSAL_LM);
        assertThat(json("x", null).constantNameOrNull("x")).isNull();
    }

    @Test
    void whatAFileSaysOfOtherBeginningsIsKeptAndASettingRefused() {
        ConfigValues values = json("x", Map.of("rho", 2.0));
        values.keep("x");
        assertThat(values.finish().unknown()).containsEntry("x", Map.of("rho", 2.0));
        ConfigValues setting = setting("{}");
        setting.keep("x");
        assertThatThrownBy(setting::finish)
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("settings sets x=\"{}\", which this version does not implement");
    }
}
