package io.github.peft4j.models.internal.natives;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.models.kernel.EngineStart;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What OpenMP itself says that it was told, in a process of its own. */
@EnabledOnOs(OS.LINUX)
final class ShortWaitsTest {

    @ParameterizedTest(name = "with {0}={1} threads spin for {2} turns")
    @CsvSource({"NOTHING, said, " + ShortWaits.TURNS, ShortWaits.VARIABLE + ", 77, 77", "OMP_WAIT_POLICY, PASSIVE, 0"})
    void theUsersSettingGoesBeforeOurs(String variable, String value, String turns) throws Exception {
        ProcessBuilder builder = EngineStart.process(System.getProperty("java.class.path"));
        builder.environment().keySet().removeAll(List.of(ShortWaits.VARIABLE, "OMP_WAIT_POLICY"));
        builder.environment().put("OMP_DISPLAY_ENV", "verbose");
        builder.environment().put(variable, value);
        Process process = builder.redirectErrorStream(true).start();
        String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        assertThat(told).contains("loaded ").contains("GOMP_SPINCOUNT = '" + turns + "'");
    }
}
