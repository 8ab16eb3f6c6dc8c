package io.github.peft4j.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Changes some lines of a file, each by the mutator of a line, and the ends of lines. */
final class LinesMutator implements Mutator {

    private static final List<String> ENDS = List.of("\r\n", "\r", "", "\n\n", "\u2028", "\u0000\n", ",\n", "\n[");

    private final Mutator line;

    LinesMutator(Mutator line) {
        this.line = line;
    }

    @Override
    public byte[] mutate(byte[] sample, SplittableRandom random) {
        List<byte[]> lines = new ArrayList<>();
        new String(sample, StandardCharsets.UTF_8)
                .lines()
                .forEach(text -> lines.add(text.getBytes(StandardCharsets.UTF_8)));
        int chosen = random.nextInt(lines.size());
        lines.set(chosen, line.mutate(lines.get(chosen), random));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] each : lines) {
            out.writeBytes(each);
            String end = random.nextInt(20) == 0 ? ENDS.get(random.nextInt(ENDS.size())) : "\n";
            out.writeBytes(end.getBytes(StandardCharsets.UTF_8));
        }
        return out.toByteArray();
    }
}
