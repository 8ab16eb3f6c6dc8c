package io.github.peft4j.methods;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.method.PeftMethods;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What methods say of themselves can be used as it stands. */
class MethodDefaultsTest {

    static Stream<PeftMethod<?>> methods() {
        return PeftMethods.discovered().all().stream();
    }

    @ParameterizedTest
    @MethodSource("methods")
    void aMethodKnowsWhereToBegin(PeftMethod<?> method) {
        PeftMethod.Defaults.Trial trial = method.defaults().trial();
        assertThat(method.defaults().learningRate()).isBetween(1e-5, 1e-1);
        assertThat(trial.learningRate()).isBetween(method.defaults().learningRate(), 1.0);
        assertThat(trial.steps()).isPositive();

        Map<String, Object> settings = new LinkedHashMap<>(trial.settings());
        settings.put("task_type", "CAUSAL_LM");
        PeftConfig config = method.schema().read(settings, method.name());
        assertThat(config.peftType()).isEqualTo(method.peftType());
        assertThat(config.settings().keySet()).containsAll(trial.settings().keySet());
    }
}
