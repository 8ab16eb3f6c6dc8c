package io.github.peft4j.cli.internal.memory;

import ai.djl.Device;
import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Sizes;
import io.github.peft4j.training.estimate.internal.FreeMemory;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How much memory a run may take. */
public final class FitOption {

    private static final String NAME = "--fit";
    private static final String FREE = "free";
    private static final Pattern SHARE = Pattern.compile("([0-9]{1,3}(?:\\.[0-9]{1,3})?) ?%");

    @Option(
            names = NAME,
            paramLabel = "SIZE",
            arity = "0..1",
            fallbackValue = FREE,
            description =
                    "Say what fits into so much memory, by number format and recomputation, and how to train in it: 8GiB, 900MiB,"
                            + " 8GB, or 80%% of the machine, or of what its container may have. Without SIZE: what is free now.")
    @Nullable
    String size;

    /** Whether it was asked for. */
    public boolean given() {
        return size != null;
    }

    /**
     * The bytes there are to be.
     *
     * @param device whose memory shares are of
     * @throws BadInput if it is no size, or the system does not tell what there is
     */
    public long room(Device device) {
        String text = size == null ? FREE : size.strip();
        OptionalLong told = Sizes.bytes(text);
        Matcher share = SHARE.matcher(text);
        if (told.isPresent()) {
            return positive(told.getAsLong());
        }
        if (!text.equals(FREE) && !share.matches()) {
            throw new BadInput(
                    NAME + " must be a size such as 8GiB, 900MiB or 8GB, or a share such as 80%, got \"" + text + "\"");
        }
        FreeMemory memory = FreeMemory.of(device)
                .orElseThrow(() ->
                        new BadInput(NAME + ": this system does not tell how much memory there is: give the size"));
        return positive(
                text.equals(FREE)
                        ? memory.free()
                        : (long) (memory.allowed() / 100.0 * Double.parseDouble(share.group(1))));
    }

    private static long positive(long bytes) {
        if (bytes <= 0) {
            throw new BadInput(NAME + " must be more than nothing");
        }
        return bytes;
    }
}
