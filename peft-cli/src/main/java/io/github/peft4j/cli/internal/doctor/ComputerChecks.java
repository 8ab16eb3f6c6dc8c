package io.github.peft4j.cli.internal.doctor;

import io.github.peft4j.cli.internal.console.Sizes;
import io.github.peft4j.training.estimate.internal.FreeMemory;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

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
        Optional<FreeMemory> told = FreeMemory.of(machine.root());
        if (told.isEmpty()) {
            return Finding.good("memory", "not told by this system");
        }
        FreeMemory memory = told.get();
        String found = Sizes.shown(memory.available()) + " of " + Sizes.shown(memory.machine()) + " free";
        if (memory.limited()) {
            found += ", of which the container may have " + Sizes.shown(memory.allowed()) + ", "
                    + Sizes.shown(memory.left()) + " of it left";
        }
        return memory.free() < LEAST_MEMORY
                ? Finding.missing(
                        "memory",
                        found,
                        "training takes " + Sizes.shown(LEAST_MEMORY)
                                + " at least: end other programs or raise the limit;"
                                + " peft4j estimate says what a run needs")
                : Finding.good("memory", found);
    }
}
