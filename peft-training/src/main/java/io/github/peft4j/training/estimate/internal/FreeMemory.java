package io.github.peft4j.training.estimate.internal;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a machine, in bytes.
 *
 * @param available what programs can have of it, with what the system would give back of its caches
 * @param machine all of it
 * @param allowed what the process's container may have at most; as much as the machine where there is no limit
 * @param left what the container may still have of that
 */
public record FreeMemory(long available, long machine, long allowed, long left) {

    private static final Path ROOT = Path.of("/");

    /** This machine's; nothing where the system does not tell. */
    public static Optional<FreeMemory> here() {
        Optional<FreeMemory> told = of(ROOT);
        if (told.isPresent()) {
            return told;
        }
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system) {
            return Optional.of(without(system.getFreeMemorySize(), system.getTotalMemorySize()));
        }
        return Optional.empty();
    }

    /** That of a device: of a GPU its own; nothing where it is not told. */
    public static Optional<FreeMemory> of(Device device) {
        if (!device.isGpu()) {
            return here();
        }
        try {
            MemoryUsage usage = CudaUtils.getGpuMemory(device);
            return Optional.of(without(usage.getMax() - usage.getCommitted(), usage.getMax()));
        } catch (IllegalStateException | IllegalArgumentException | UnsupportedOperationException | LinkageError e) {
            return Optional.empty();
        }
    }

    private static FreeMemory without(long available, long machine) {
        return new FreeMemory(available, machine, machine, machine);
    }

    /**
     * What Linux tells.
     *
     * @param root of its files; a folder with copies in tests
     */
    public static Optional<FreeMemory> of(Path root) {
        OptionalLong available = kib(root, "MemAvailable");
        OptionalLong machine = kib(root, "MemTotal");
        if (available.isEmpty() || machine.isEmpty()) {
            return Optional.empty();
        }
        FreeMemory free = without(available.getAsLong(), machine.getAsLong());
        for (Path group : groups(root)) {
            Limit limit = Limit.of(group);
            if (limit != null && limit.most < free.machine) {
                free = free.within(limit);
            }
        }
        return Optional.of(free);
    }

    private FreeMemory within(Limit limit) {
        return new FreeMemory(
                available,
                machine,
                Math.min(allowed, limit.most),
                Math.min(left, Math.max(0, limit.most - limit.used)));
    }

    /** What can still be had. */
    public long free() {
        return Math.min(available, left);
    }

    /** Whether a container may have less than the machine has. */
    public boolean limited() {
        return allowed < machine;
    }

    private static OptionalLong kib(Path root, String name) {
        return lines(root.resolve("proc/meminfo")).stream()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip().replaceFirst(" *kB$", ""))
                .filter(text -> text.matches("[0-9]{1,15}"))
                .mapToLong(text -> Long.parseLong(text) * 1024)
                .findFirst();
    }

    /** The control group that the process is in and those above it; in a container it is at the top itself. */
    private static List<Path> groups(Path root) {
        List<Path> groups = new ArrayList<>();
        for (String line : lines(root.resolve("proc/self/cgroup"))) {
            String[] parts = line.split(":", 3);
            if (parts.length == 3 && parts[1].isEmpty()) {
                addWithAbove(groups, root.resolve("sys/fs/cgroup"), parts[2]);
            } else if (parts.length == 3 && List.of(parts[1].split(",")).contains("memory")) {
                addWithAbove(groups, root.resolve("sys/fs/cgroup/memory"), parts[2]);
            }
        }
        if (groups.isEmpty()) {
            groups.add(root.resolve("sys/fs/cgroup"));
            groups.add(root.resolve("sys/fs/cgroup/memory"));
        }
        return groups;
    }

    private static void addWithAbove(List<Path> groups, Path top, String name) {
        groups.add(top);
        @Nullable Path inner = top.resolve(name.replaceFirst("^/+", "")).normalize();
        while (inner != null && inner.startsWith(top) && !inner.equals(top)) {
            groups.add(inner);
            inner = inner.getParent();
        }
    }

    /**
     * What a control group allows and what it has that it cannot give back.
     *
     * @param most bytes
     * @param used bytes, without pages of files that nobody has looked at lately
     */
    private record Limit(long most, long used) {

        /** Of version 2 or, in older systems, 1; null if there is none. */
        static @Nullable Limit of(Path group) {
            Limit found = of(group, "memory.max", "memory.current", "inactive_file");
            return found != null
                    ? found
                    : of(group, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");
        }

        private static @Nullable Limit of(Path group, String most, String used, String inactive) {
            OptionalLong limit = number(lines(group.resolve(most)));
            OptionalLong taken = number(lines(group.resolve(used)));
            if (limit.isEmpty() || taken.isEmpty()) {
                return null;
            }
            List<String> files = lines(group.resolve("memory.stat")).stream()
                    .filter(line -> line.startsWith(inactive + " "))
                    .map(line -> line.substring(inactive.length() + 1))
                    .toList();
            return new Limit(
                    limit.getAsLong(), taken.getAsLong() - number(files).orElse(0));
        }

        private static OptionalLong number(List<String> lines) {
            return lines.stream()
                    .map(String::strip)
                    .filter(line -> line.matches("[0-9]{1,18}"))
                    .mapToLong(Long::parseLong)
                    .findFirst();
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.isRegularFile(file) ? Files.readAllLines(file, StandardCharsets.ISO_8859_1) : List.of();
        } catch (IOException e) {
            return List.of();
        }
    }
}
