package io.github.peft4j.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ConfigSchemaTest {

    private static final Setting<Integer> SIZE = Setting.count("size", 8, "how large");
    private static final Setting<Integer> STEPS = Setting.required("steps", "steps is missing", "how many");
    private static final Setting<Double> SHARE = Setting.dropout("share", "how much is dropped");
    private static final Setting<String> START =
            Setting.flagOrText("start", "true", "how it begins").refusing(Set.of("magic"));
    private static final Setting<Map<String, Number>> SCALES = Setting.numbersByText("scales", "by name");
    private static final Setting<Boolean> OLD =
            Setting.flag("old", false, "from before").unlessDefault();
    private static final Setting<String> FOREIGN = Setting.text("foreign", "x", "of another method");

    private static final ConfigSchema<Config> SCHEMA = ConfigSchema.of("TOY")
            .settings(SIZE, STEPS, SHARE, START, SCALES, OLD)
            .rule((values, problems) -> {
                if (values.get(SIZE) > values.get(STEPS)) {
                    problems.accept("size is above steps");
                }
            })
            .off(false, List.of(false), "fancy")
            .kept("other_start", null)
            .emptied("tables")
            .build(Config::new);

    private record Config(CommonSettings common, SettingValues values) implements PeftConfig {

        Config {
            values.requireValid(SCHEMA);
        }
    }

    private record Builder(ConfigSchema.Draft<Config> draft) implements ConfigBuilder<Config, Builder> {}

    private static Builder builder() {
        return new Builder(SCHEMA.draft()).set(STEPS, 10);
    }

    private static Config read(Map<String, ?> values) {
        Map<String, Object> all = new HashMap<>(Map.of("steps", 10));
        all.putAll(values);
        return SCHEMA.read(all, "some.json");
    }

    @Test
    void whatIsReadIsWhatIsBuilt() {
        Config built = builder()
                .set(SIZE, 3)
                .set(START, "false")
                .set(SCALES, Map.of("a", 1.5))
                .build();
        Config read = read(Map.of("size", 3, "start", false, "scales", Map.of("a", 1.5)));
        assertThat(read.withCommon(built.common())).isEqualTo(built).hasSameHashCodeAs(built);
        assertThat(built.settings())
                .containsEntry("size", 3)
                .containsEntry("start", false)
                .containsEntry("fancy", false)
                .containsEntry("other_start", null)
                .containsEntry("tables", Map.of())
                .doesNotContainKey("old");
        assertThat(read(Map.of("old", true)).settings()).containsEntry("old", true);
    }

    @Test
    void everythingThatIsWrongIsSaidAtOnce() {
        assertThatThrownBy(() -> read(Map.of("size", 0, "share", 1, "start", 3, "fancy", true)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("start must be true, false or text, got 3; size must be at least 1, got 0; share must be at"
                        + " least 0 and below 1, got 1.0; it also sets fancy=true, which this version does not implement"
                        + " (some.json)");
        assertThatThrownBy(() -> read(Map.of("size", 11, "share", -1)))
                .hasMessage("share must be at least 0 and below 1, got -1.0; size is above steps (some.json)");
        assertThatThrownBy(() -> builder().set(SIZE, 11).set(SHARE, -1.0).build())
                .hasMessage("share must be at least 0 and below 1, got -1.0; size is above steps");
    }

    @Test
    void aSettingWithoutDefaultMustBeGiven() {
        Map<String, Object> none = new HashMap<>();
        none.put("steps", null);
        assertThatThrownBy(() -> read(none)).hasMessage("steps is missing (some.json)");
        assertThatThrownBy(() -> SCHEMA.read(Map.of(), "some.json")).hasMessage("steps is missing (some.json)");
    }

    @Test
    void whatIsNotImplementedIsRefusedByName() {
        assertThatThrownBy(() -> read(Map.of("start", "magic")))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("some.json sets start=\"magic\", which this version does not implement");
    }

    @Test
    void valuesBelongToOneSchemaAndCannotBeChangedFromOutside() {
        assertThatThrownBy(() -> builder().set(FOREIGN, "y"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("TOY has no setting foreign");
        assertThat(builder().build().get(FOREIGN)).isEqualTo("x");
        ConfigSchema<Config> other = ConfigSchema.of("OTHER").build(Config::new);
        assertThatThrownBy(() -> other.draft().build()).hasMessage("settings of OTHER were given to a config of TOY");
        Map<String, Number> scales = new LinkedHashMap<>(Map.of("a", 1));
        Config config = builder().set(SCALES, scales).build();
        scales.put("b", 2);
        assertThat(config.get(SCALES)).isEqualTo(Map.of("a", 1));
    }

    @Test
    void aSettingSaysWhatAPageNeeds() {
        List<String> rows = new ArrayList<>();
        SCHEMA.settings()
                .forEach(setting -> rows.add(setting.key() + ", " + setting.defaultText() + ", " + setting.meaning()));
        assertThat(rows)
                .containsExactly(
                        "size, 8, how large; at least 1",
                        "steps, must be given, how many; at least 1",
                        "share, 0.0, how much is dropped; at least 0 and below 1",
                        "start, true, how it begins",
                        "scales, none, by name",
                        "old, false, from before");
    }
}
