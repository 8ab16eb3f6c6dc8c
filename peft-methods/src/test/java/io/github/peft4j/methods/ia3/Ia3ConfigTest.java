package io.github.peft4j.methods.ia3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.config.TaskType;
import io.github.peft4j.core.config.internal.ConfigValues;
import io.github.peft4j.methods.ia3.internal.Ia3Method;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class Ia3ConfigTest {

    private static Ia3Config read(Map<String, Object> values) {
        return new Ia3Method().schema().read(values, "some.json");
    }

    @Test
    void whatIsNotGivenHasPythonsDefaults() {
        Ia3Config config = read(Map.of());
        assertThat(config).isEqualTo(Ia3Config.builder().common(config.common()).build());
        assertThat(config.settings())
                .containsEntry("init_ia3_weights", true)
                .containsEntry("fan_in_fan_out", false)
                .containsEntry("target_modules", null)
                .containsEntry("feedforward_modules", null)
                .containsEntry("exclude_modules", null)
                .containsEntry("modules_to_save", null)
                .hasSize(6);
    }

    @Test
    void settingsAsTypedAreRead() {
        Ia3Config config = new Ia3Method()
                .schema()
                .read(ConfigValues.of(Map.of(), "settings")
                        .with(Map.of(
                                "target_modules", "k_proj,down_proj",
                                "feedforward_modules", "down_proj",
                                "exclude_modules", "layers.0.self_attn.k_proj",
                                "modules_to_save", "lm_head",
                                "init_ia3_weights", "false",
                                "task_type", "CAUSAL_LM")));
        assertThat(config.common().taskType()).isEqualTo(TaskType.CAUSAL_LM);
        assertThat(config.withCommon(CommonSettings.forModel()))
                .isEqualTo(Ia3Config.builder()
                        .targetModules("k_proj", "down_proj")
                        .feedforwardModules("down_proj")
                        .excludeModules("layers.0.self_attn.k_proj")
                        .modulesToSave("lm_head")
                        .set(Ia3Config.INIT_IA3_WEIGHTS, false)
                        .build());
        assertThat(config.toBuilder().build()).isEqualTo(config);
    }

    @Test
    void feedForwardModulesThatAreNoTargetsAreRefused() {
        assertThatThrownBy(() -> Ia3Config.builder()
                        .targetModules("k_proj")
                        .feedforwardModules("k_proj", "down_proj")
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("`feedforward_modules` should be a subset of `target_modules`");
        assertThatThrownBy(() -> read(Map.of("target_modules", List.of("a"), "feedforward_modules", List.of("b"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("`feedforward_modules` should be a subset of `target_modules` (some.json)");
        assertThat(Ia3Config.builder()
                        .targetModules(TargetModules.ofPattern(".*"))
                        .feedforwardModules("down_proj")
                        .build()
                        .feedforwardModules())
                .isEqualTo(TargetModules.named("down_proj"));
    }

    @Test
    void badValuesAreNamedTogether() {
        assertThatThrownBy(() -> read(Map.of("init_ia3_weights", "maybe", "target_modules", 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("init_ia3_weights")
                .hasMessageContaining("target_modules")
                .hasMessageContaining("some.json");
    }
}
