package io.github.peft4j.cli.internal.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told of engine and GPU. */
class EngineChecksTest {

    private static final Map<String, String> ON_THE_CPU = Map.of(
            "version",
            "2.7.1",
            "djl",
            "0.36.0",
            "threads",
            "4",
            "folder",
            "/cache",
            "computes",
            "true",
            "cuda",
            "false",
            "tokenizers",
            "ok");

    @TempDir
    private Path root;

    private final Map<String, String> environment = new HashMap<>();

    private EngineChecks checks(Map<String, String> answers) {
        return new EngineChecks(new Machine(root, environment), new Probed(answers, null));
    }

    private void driver(int gpus) throws IOException {
        for (int i = 0; i < gpus; i++) {
            Path gpu = Files.createDirectories(root.resolve("proc/driver/nvidia/gpus/0000:0" + i + ":00.0"));
            Files.writeString(gpu.resolve("information"), "Model: \t\t NVIDIA H200\nIRQ:   \t\t 0\n");
        }
    }

    @Test
    void anEngineThatComputesIsToldWithItsVersions() {
        assertThat(checks(ON_THE_CPU).engine())
                .isEqualTo(Finding.good("engine", "PyTorch 2.7.1 by DJL 0.36.0, 4 threads, from /cache"));
        assertThat(checks(ON_THE_CPU).tokenizers().ok()).isTrue();
    }

    @Test
    void anEngineThatCannotBeLoadedIsMissing() {
        Finding finding = checks(Map.of("error", "add the jar")).engine();
        assertThat(finding.found()).isEqualTo("not loaded: add the jar");
        assertThat(finding.ok()).isFalse();
        assertThat(finding.needed()).isTrue();
    }

    @Test
    void anEngineThatEndsItsProcessIsMissing() {
        EngineChecks checks = new EngineChecks(
                new Machine(root, environment), new Probed(Map.of(), "the process ended with code 134: x"));
        assertThat(checks.engine().found()).isEqualTo("not loaded: the process ended with code 134: x");
        assertThat(checks.tokenizers().needed()).isTrue();
        environment.put("PYTORCH_LIBRARY_PATH", "/x");
        assertThat(checks.engine().advice()).contains("PYTORCH_LIBRARY_PATH");
    }

    @Test
    void aMachineWithoutAGpuLacksNothing() {
        assertThat(checks(ON_THE_CPU).gpu())
                .isEqualTo(Finding.good("gpu", "none (no NVIDIA driver): everything is computed on the CPU"));
    }

    @Test
    void aGpuThatLiesIdleIsToldWithTheWayToUseIt() throws IOException {
        driver(2);
        Finding finding = checks(ON_THE_CPU).gpu();
        assertThat(finding.found()).startsWith("2 x NVIDIA H200, not used: ");
        assertThat(finding.ok()).isFalse();
        assertThat(finding.needed()).isFalse();
        assertThat(finding.advice())
                .isEqualTo("pip install torch==2.7.1, then export PYTORCH_LIBRARY_PATH=SITE-PACKAGES/torch/lib"
                        + " PYTORCH_VERSION=2.7.1 PYTORCH_FLAVOR=cu128; docs/how-to/gpu.md");
    }

    @Test
    void aPyTorchThatIsInstalledAlreadyIsFound() throws IOException {
        driver(1);
        Path torch = root.resolve("opt/venv/lib/python3.11/site-packages/torch");
        Files.createDirectories(torch.resolve("lib"));
        Files.writeString(torch.resolve("version.py"), "__version__ = '2.7.1+cu126'\n");
        environment.put("VIRTUAL_ENV", root.resolve("opt/venv").toString());
        assertThat(checks(ON_THE_CPU).gpu().advice())
                .startsWith("export PYTORCH_LIBRARY_PATH=" + torch.resolve("lib") + " PYTORCH_VERSION=2.7.1");
    }

    @Test
    void aGpuThatIsUsedIsTold() throws IOException {
        driver(1);
        Map<String, String> answers = new HashMap<>(ON_THE_CPU);
        answers.put("cuda", "true");
        assertThat(checks(answers).gpu()).isEqualTo(Finding.good("gpu", "NVIDIA H200, PyTorch for CUDA from /cache"));
    }

    @Test
    void aPyTorchForCudaWithoutADriverIsTold() {
        environment.put("PYTORCH_LIBRARY_PATH", "/torch/lib");
        Finding finding = checks(ON_THE_CPU).gpu();
        assertThat(finding.found())
                .isEqualTo("no NVIDIA driver, not used: PyTorch from PYTORCH_LIBRARY_PATH=/torch/lib finds none");
        assertThat(finding.advice()).startsWith("install the driver");
    }
}
