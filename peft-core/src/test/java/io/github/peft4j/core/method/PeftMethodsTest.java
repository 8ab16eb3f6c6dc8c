package io.github.peft4j.core.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.FakeMethod;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.internal.ConfigValues;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.models.internal.json.JsonWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PeftMethodsTest {

    @Test
    void methodsAreFoundByTypeAndByName() {
        PeftMethod<?> method = FakeMethod.ALONE.byType("FAKE");
        assertThat(FakeMethod.ALONE.byName("fake")).isSameAs(method);
        assertThat(FakeMethod.ALONE.all()).hasSize(1);
    }

    @Test
    void aMethodThatIsNotThereIsNamedWithThoseThatAre() {
        assertThatThrownBy(() -> FakeMethod.ALONE.byType("ADALORA"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("No fine-tuning method is registered for peft_type \"ADALORA\". Registered: [FAKE]."
                        + " In a program of your own, put the jar that provides it on the class path, or pass it to"
                        + " PeftMethods.of(...).");
        assertThatThrownBy(() -> FakeMethod.ALONE.byName("real"))
                .hasMessageStartingWith("No fine-tuning method is registered for name \"real\". Registered: [fake].");
    }

    @Test
    void twoMethodsOfOneTypeAreRefused() {
        assertThatThrownBy(() -> PeftMethods.of(new FakeMethod(), new FakeMethod()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("two fine-tuning methods have peft_type FAKE or name fake: " + FakeMethod.class.getName());
    }

    @Test
    void withoutMethodsOnTheClassPathNoneAreDiscovered() {
        assertThat(PeftMethods.discovered().all()).isEmpty();
    }

    @Test
    void aConfigIsReadAndWrittenByItsMethod() {
        PeftConfig config = new FakeMethod()
                .schema()
                .read(ConfigValues.of(java.util.Map.of("initial", 2), "x")
                        .with(java.util.Map.of("target_modules", "q")));
        assertThat(AdapterStore.json(config)).isEqualTo("""
                        {
                          "auto_mapping": null,
                          "base_model_name_or_path": null,
                          "fancy": false,
                          "inference_mode": true,
                          "initial": 2,
                          "modules_to_save": null,
                          "peft_type": "FAKE",
                          "peft_version": "0.21.2",
                          "revision": null,
                          "target_modules": [
                            "q"
                          ],
                          "task_type": null
                        }""");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", ".", "..", "a/b", "a\\b", "../x", "a.b", "a b", "c:", "a\n", "a*", "x?", "\"x\"", "<x>", "a|b",
                "\u0000"
            })
    void aNameThatCannotBeAFolderOrAModuleIsRefused(String name) {
        assertThatThrownBy(() -> new AttachContext(name, 0, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "an adapter cannot be named " + JsonWriter.LINE.write(name) + ": expected 1 to 200 characters"
                                + " without dots, slashes, colons, quotation marks, wildcards and blanks");
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "checkpoint-100", "größe", "a_b", "1", "lora"})
    void ordinaryNamesAreFine(String name) {
        assertThat(new AttachContext(name, 3, true).adapterName()).isEqualTo(name);
    }

    @Test
    void anEndlessNameIsRefused() {
        assertThatThrownBy(() -> new AttachContext("a".repeat(201), 0, true)).hasMessageContaining("1 to 200");
    }

    @Test
    void anAdaptersRandomNumbersDependOnItsSeedAlone() {
        assertThat(AttachContext.of(5).random().nextLong())
                .isEqualTo(AttachContext.of(5).random().nextLong());
        assertThat(AttachContext.of(5).random().nextLong())
                .isNotEqualTo(AttachContext.of(6).random().nextLong());
    }
}
