package io.github.peft4j.cli.internal.data;

import io.github.peft4j.models.hub.internal.Hub;
import io.github.peft4j.models.hub.internal.HubName;
import io.github.peft4j.models.hub.internal.http.HubException;
import io.github.peft4j.training.data.internal.RowSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Data sets by their names on hubs, where neither a file nor a folder of that name is there. */
public final class DataNames {

    private DataNames() {}

    /** {@link #found(Path, Hub)} of each. */
    public static List<Path> found(List<Path> given, Hub hub) throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path each : given) {
            found.add(found(each, hub));
        }
        return found;
    }

    /**
     * A data set's files.
     *
     * @param given a path, {@code OWNER/NAME@REVISION}, {@code modelscope:OWNER/NAME} or {@code hf://datasets/OWNER/NAME/PATH}
     * @return what was given, unless it is the name of a data set: then its folder, or the file of it that was named
     * @throws IOException if the hub does not give it
     */
    public static Path found(Path given, Hub hub) throws IOException {
        // A path has one slash where an address has two.
        String text = given.toString().replace('\\', '/').replaceFirst("^hf:/+", "hf://");
        @Nullable HubName name = HubName.of(text);
        boolean address = text.startsWith("hf://");
        if (name == null
                || Files.exists(given)
                || !(address || (name.id().contains("/") && !RowSources.names(given)))) {
            return given;
        }
        try {
            return hub.dataset(name, null);
        } catch (HubException.Refusal e) {
            throw new HubException.Refusal("no data at " + given + ", and on the hub: " + e.getMessage());
        }
    }
}
