package io.github.peft4j.methods;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.core.config.ConfigSchema;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.method.PeftMethods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The reference pages' tables of settings. */
final class SettingsPageTest {

    static Stream<Arguments> methods() {
        return PeftMethods.discovered().all().stream()
                .map(PeftMethod.class::cast)
                .map(method -> Arguments.of(method.name(), method.schema()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("methods")
    void aMethodsPageHasTheTableOfItsSchema(String name, ConfigSchema<?> schema) throws IOException {
        String table = schema.settings().stream()
                .map(setting ->
                        "| `" + setting.key() + "` | " + setting.defaultText() + " | " + setting.meaning() + " |\n")
                .collect(Collectors.joining("", "| key | default | meaning |\n|---|---|---|\n", ""));
        assertThat(Files.readString(Path.of("../docs/reference/methods", name + ".md")))
                .contains("\n\n" + table + "\n");
    }
}
