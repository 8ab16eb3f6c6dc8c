package io.github.peft4j.training.estimate.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told of copies of Linux's files. */
class FreeMemoryTest {

    private static final long GIB = 1L << 30;

    @TempDir
    private Path root;

    private void file(String name, Object text) throws IOException {
        Path path = root.resolve(name);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text + "\n");
    }

    @BeforeEach
    void machine() throws IOException {
        file("proc/meminfo", "MemTotal:       33554432 kB\nMemFree: 1 kB\nMemAvailable:    8388608 kB");
    }

    private FreeMemory told() {
        return FreeMemory.of(root).orElseThrow();
    }

    @Test
    void withoutALimitItIsWhatTheMachineHas() {
        assertThat(told()).isEqualTo(new FreeMemory(8 * GIB, 32 * GIB, 32 * GIB, 32 * GIB));
        assertThat(told().free()).isEqualTo(8 * GIB);
        assertThat(told().limited()).isFalse();
    }

    @Test
    void pagesOfFilesThatNobodyLooksAtAreFree() throws IOException {
        file("sys/fs/cgroup/memory.max", 2 * GIB);
        file("sys/fs/cgroup/memory.current", 2 * GIB);
        file("sys/fs/cgroup/memory.stat", "anon 5\ninactive_file " + GIB + "\nactive_file 7");
        assertThat(told().free()).isEqualTo(GIB);
        assertThat(told().allowed()).isEqualTo(2 * GIB);
    }

    @Test
    void theTightestOfTheGroupsAboveCounts() throws IOException {
        file("proc/self/cgroup", "0::/work/mine");
        file("sys/fs/cgroup/work/memory.max", 4 * GIB);
        file("sys/fs/cgroup/work/memory.current", 3 * GIB);
        file("sys/fs/cgroup/work/mine/memory.max", 6 * GIB);
        file("sys/fs/cgroup/work/mine/memory.current", GIB);
        assertThat(told().allowed()).isEqualTo(4 * GIB);
        assertThat(told().free()).isEqualTo(GIB);
    }

    @Test
    void groupsOfTheOlderKindAreFoundByTheirController() throws IOException {
        file("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/a/b\n0::/");
        file("sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", 4 * GIB);
        file("sys/fs/cgroup/memory/a/b/memory.usage_in_bytes", GIB);
        file("sys/fs/cgroup/memory/a/b/memory.stat", "cache 1\ntotal_inactive_file 1073741824");
        assertThat(told().free()).isEqualTo(4 * GIB);
    }

    @Test
    void aGroupThatLiesOutsideOfWhatIsMountedIsNotLookedFor() throws IOException {
        file("proc/self/cgroup", "0::/../../..");
        file("memory.max", GIB);
        file("memory.current", GIB);
        assertThat(told().limited()).isFalse();
    }

    @Test
    void thisMachineTells() {
        assertThat(FreeMemory.here().orElseThrow().machine()).isPositive();
    }
}
