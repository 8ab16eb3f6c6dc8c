package io.github.peft4j.cli.internal.doctor;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** Java, processor and memory. */
final class ComputerChecks {

    private static final int LEAST_JAVA = 17;

    /** What the quickstart and its like take; a real model takes more, which {@code estimate} tells. */
    private static final long LEAST_MEMORY = Sizes.GIB / 2;

    /** Of the instruction sets that kernels are chosen by, those worth telling. */
    private static final List<String> SETS = List.of(
            "avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "asimd", "asimddp", "bf16", "i8mm", "sve");

    private final Machine machine;

    ComputerChecks(Machine machine) {
        this.machine = machine;
    }

    Finding java() {
        int version = Runtime.version().feature();
        String bits = System.getProperty("sun.arch.data.model", "64");
        String found = Runtime.version() + " by " + System.getProperty("java.vendor") + ", " + bits + " bits, heap "
                + Sizes.shown(Runtime.getRuntime().maxMemory()) + ", " + System.getProperty("java.home");
        if (version < LEAST_JAVA || bits.equals("32")) {
            return Finding.missing("java", found, "install a 64-bit JDK 17 or newer and set JAVA_HOME to it");
        }
        return Finding.good("java", found);
    }

    Finding processor() {
        String architecture = System.getProperty("os.arch");
        String name = machine.value("proc/cpuinfo", "model name").orElse("unknown model");
        List<String> has = machine.value("proc/cpuinfo", "flags")
                .or(() -> machine.value("proc/cpuinfo", "Features"))
                .map(flags -> Arrays.asList(flags.split(" ", -1)))
                .orElse(List.of());
        List<String> sets = SETS.stream().filter(has::contains).toList();
        String found = name + ", " + architecture + (sets.isEmpty() ? "" : ": " + String.join(" ", sets));
        boolean slow = (architecture.equals("amd64") || architecture.equals("x86_64"))
                && !has.isEmpty()
                && !has.contains("avx2");
        return slow
                ? Finding.poor("processor", found, "without avx2 all computing is several times slower")
                : Finding.good("processor", found);
    }

    Finding threads() {
        int processors = Runtime.getRuntime().availableProcessors();
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        String found = processors + (processors == 1 ? " processor" : " processors") + " for this process"
                + (load < 0 ? "" : String.format(Locale.ROOT, ", load %.1f", load));
        return load > 1.5 * processors
                ? Finding.poor(
                        "threads",
                        found,
                        "other programs compute here too: training is slower; --threads N leaves them room")
                : Finding.good("threads", found);
    }

    Finding memory() {
        OptionalLong available = kib("MemAvailable");
        OptionalLong total = kib("MemTotal");
        Optional<Limit> limit = limit();
        if (available.isEmpty() || total.isEmpty()) {
            return Finding.good("memory", "not told by this system");
        }
        long free = available.getAsLong();
        String found = Sizes.shown(free) + " of " + Sizes.shown(total.getAsLong()) + " free";
        if (limit.isPresent() && limit.get().most < total.getAsLong()) {
            long left = Math.max(0, limit.get().most - limit.get().used);
            found += ", of which the container may have " + Sizes.shown(limit.get().most) + ", " + Sizes.shown(left)
                    + " of it left";
            free = Math.min(free, left);
        }
        return free < LEAST_MEMORY
                ? Finding.missing(
                        "memory",
                        found,
                        "training takes " + Sizes.shown(LEAST_MEMORY)
                                + " at least: end other programs or raise the limit;"
                                + " peft4j estimate says what a run needs")
                : Finding.good("memory", found);
    }

    private OptionalLong kib(String name) {
        return machine.value("proc/meminfo", name).map(text -> text.replaceFirst(" *kB$", "")).stream()
                .filter(text -> text.matches("[0-9]{1,15}"))
                .mapToLong(text -> Long.parseLong(text) * 1024)
                .findFirst();
    }

    /** What a control group allows and what it has. */
    private record Limit(long most, long used) {}

    /** Of version 2 or, in older systems, 1; a process in a container sees its own group at the top. */
    private Optional<Limit> limit() {
        return limit("sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory.current")
                .or(() -> limit(
                        "sys/fs/cgroup/memory/memory.limit_in_bytes", "sys/fs/cgroup/memory/memory.usage_in_bytes"));
    }

    private Optional<Limit> limit(String most, String used) {
        return number(most).flatMap(bytes -> number(used).map(taken -> new Limit(bytes, taken)));
    }

    private Optional<Long> number(String file) {
        return machine.lines(file).stream()
                .map(String::strip)
                .filter(line -> line.matches("[0-9]{1,18}"))
                .map(Long::valueOf)
                .findFirst();
    }
}
