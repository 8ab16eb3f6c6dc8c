package io.github.peft4j.cli.internal.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told of a computer, from copies of the files by which systems describe themselves. */
class ComputerChecksTest {

    private static final long GIB = 1L << 30;

    @TempDir
    private Path root;

    private void file(String name, String text) throws IOException {
        Path path = root.resolve(name);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private ComputerChecks checks() {
        return new ComputerChecks(new Machine(root, Map.of()));
    }

    @Test
    void thisJavaIsFit() {
        assertThat(checks().java().ok()).isTrue();
    }

    @Test
    void theProcessorsInstructionSetsAreNamed() throws IOException {
        file(
                "proc/cpuinfo",
                "processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\nflags\t\t: fpu sse2 avx2 avx512f amx_bf16\n");
        assertThat(checks().processor())
                .returns(true, Finding::ok)
                .extracting(Finding::found)
                .asString()
                .startsWith("Some CPU @ 2 GHz, ")
                .endsWith(": avx2 avx512f amx_bf16");
    }

    @Test
    void freeMemoryIsToldAndIsEnough() throws IOException {
        file("proc/meminfo", "MemTotal:       33554432 kB\nMemFree: 1 kB\nMemAvailable:    8388608 kB\n");
        assertThat(checks().memory()).isEqualTo(Finding.good("memory", "8.0 GiB of 32.0 GiB free"));
    }

    @Test
    void aContainersLimitCounts() throws IOException {
        file("proc/meminfo", "MemTotal:       33554432 kB\nMemAvailable:    8388608 kB\n");
        file("sys/fs/cgroup/memory.max", 2 * GIB + "\n");
        file("sys/fs/cgroup/memory.current", 2 * GIB - (300L << 20) + "\n");
        Finding finding = checks().memory();
        assertThat(finding.found())
                .isEqualTo("8.0 GiB of 32.0 GiB free, of which the container may have 2.0 GiB, 300 MiB of it left");
        assertThat(finding.ok()).isFalse();
        assertThat(finding.needed()).isTrue();
        assertThat(finding.advice()).contains("512 MiB");
    }

    @Test
    void aContainersLimitOfTheOlderKindCountsToo() throws IOException {
        file("proc/meminfo", "MemTotal:       33554432 kB\nMemAvailable:    8388608 kB\n");
        file("sys/fs/cgroup/memory/memory.limit_in_bytes", 4 * GIB + "\n");
        file("sys/fs/cgroup/memory/memory.usage_in_bytes", GIB + "\n");
        assertThat(checks().memory())
                .isEqualTo(Finding.good(
                        "memory",
                        "8.0 GiB of 32.0 GiB free, of which the container may have 4.0 GiB, 3.0 GiB of it left"));
    }

    @Test
    void noLimitIsNoLimit() throws IOException {
        file("proc/meminfo", "MemTotal:       33554432 kB\nMemAvailable:    8388608 kB\n");
        file("sys/fs/cgroup/memory.max", "max\n");
        file("sys/fs/cgroup/memory.current", GIB + "\n");
        assertThat(checks().memory().found()).isEqualTo("8.0 GiB of 32.0 GiB free");
    }

    @Test
    void aSystemThatTellsNothingIsNoFault() {
        assertThat(checks().memory().ok()).isTrue();
        assertThat(checks().processor().found()).startsWith("unknown model, ");
    }
}
