package io.github.peft4j.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.core.config.internal.ConfigValues;
import io.github.peft4j.core.internal.pattern.PatternTable;
import io.github.peft4j.core.selection.ModuleSelection;
import io.github.peft4j.core.selection.internal.ModuleMatcher;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Selections from configs, compared with what Hugging Face PEFT selected. */
final class TargetGoldenTest {

    private static final Map<String, Object> GOLDEN = Golden.json("targets.json");

    static IntStream targets() {
        return IntStream.range(0, Golden.list(GOLDEN, "targets").size());
    }

    static IntStream keys() {
        return IntStream.range(0, Golden.list(GOLDEN, "keys").size());
    }

    @ParameterizedTest
    @MethodSource("targets")
    void aConfigSelectsTheModulesThatItSelectsInPython(int index) {
        Map<String, Object> expected =
                Golden.<Map<String, Object>>list(GOLDEN, "targets").get(index);
        Map<String, Object> model = Golden.object(Golden.object(GOLDEN, "models"), (String) expected.get("model"));
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("model", expected.get("model"));
        found.put("config", expected.get("config"));
        if (expected.containsKey("condense")) {
            found.put("condense", false);
        }
        List<String> paths = Golden.list(model, "paths");
        try {
            ModuleSelection.Selected selected = select(selection(expected), model, paths);
            found.put("selected", selected.paths().stream().map(paths::indexOf).toList());
            found.put("targets", selected.targets().json());
        } catch (IllegalArgumentException e) {
            found.put("error", e.getMessage());
            // What is said beyond Hugging Face's words follows them; an empty list of layers is the same as none here.
            String message = String.valueOf(expected.get("error"))
                    .replace(" Note: You specified 'layers_to_transform': [].", "");
            assertThat(e.getMessage()).startsWith(message);
            found.put("error", expected.get("error"));
        }
        assertThat(found).isEqualTo(expected);
    }

    private static ModuleSelection selection(Map<String, Object> expected) {
        ConfigValues values = ConfigValues.of(Golden.object(expected, "config"), "golden");
        List<Integer> layers = values.integersOrNull("layers_to_transform");
        List<String> patterns = values.textsOrNull("layers_pattern");
        List<String> saved = values.textsOrNull("modules_to_save");
        return new ModuleSelection(
                values.targetsOrNull("target_modules"),
                values.targetsOrNull("exclude_modules"),
                layers == null ? List.of() : layers,
                patterns == null ? List.of() : patterns,
                saved == null ? List.of() : saved,
                !expected.containsKey("condense"));
    }

    private static ModuleSelection.Selected select(
            ModuleSelection selection, Map<String, Object> model, List<String> paths) {
        Set<String> linears = new LinkedHashSet<>();
        String linear = (String) model.get("linear");
        for (int i = 0; i < paths.size(); i++) {
            if (linear.charAt(i) == '1' && !paths.get(i).equals(model.get("head"))) {
                linears.add(paths.get(i));
            }
        }
        List<String> defaults = Golden.list(model, "customary");
        return ModuleMatcher.of(selection, paths, linears, defaults == null ? List.of() : defaults, "this model")
                .select(false);
    }

    @ParameterizedTest
    @MethodSource("keys")
    void aModuleFindsTheKeyThatItFindsInPython(int index) {
        Map<String, Object> expected =
                Golden.<Map<String, Object>>list(GOLDEN, "keys").get(index);
        Map<String, String> values = new LinkedHashMap<>();
        Golden.<String>list(expected, "keys").forEach(key -> values.put(key, key));
        assertThat(PatternTable.of(values).find((String) expected.get("path")).orElse(null))
                .isEqualTo(expected.get("found"));
    }
}
