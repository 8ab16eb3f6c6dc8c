package io.github.peft4j.models.hub.internal.fetch;

import io.github.peft4j.models.hub.internal.http.HubException;
import io.github.peft4j.models.internal.message.Listed;
import io.github.peft4j.models.internal.message.Printable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Names of files that a stranger chose, before they become names on this computer, or on another that the folder is taken to. */
final class FileNames {

    private static final int LONGEST_PART = 200;

    private static final int LONGEST = 1000;

    /** What Windows takes for a device, whatever stands behind the dot. */
    private static final Pattern DEVICE = Pattern.compile("(?i)(con|prn|aux|nul|com\\d|lpt\\d)(\\..*)?");

    private FileNames() {}

    /**
     * Checks names.
     *
     * @param paths those of files that are to be written
     * @throws HubException.Refusal if one leaves its folder, is no file's on some system, or differs from another in capitals alone
     */
    static void check(String repository, Collection<String> paths) throws HubException {
        List<String> problems = new ArrayList<>();
        Map<String, String> seen = new HashMap<>();
        for (String path : paths) {
            @Nullable String problem = problem(path);
            @Nullable String twin = seen.put(path.toLowerCase(Locale.ROOT), path);
            if (problem == null && twin != null) {
                problem = "differs from " + Printable.quoted(twin) + " in capitals alone";
            }
            if (problem != null) {
                problems.add(Printable.quoted(path) + " " + problem);
            }
        }
        if (!problems.isEmpty()) {
            throw new HubException.Refusal(repository + " has files whose names are refused " + Listed.counted(problems)
                    + ". Do not use it, or leave these files out");
        }
    }

    private static @Nullable String problem(String path) {
        if (path.isEmpty() || path.length() > LONGEST) {
            return "has " + path.length() + " characters";
        }
        if (path.startsWith("/") || path.contains("\\") || path.contains(":")) {
            return "is no path within a folder";
        }
        if (path.chars().anyMatch(c -> c < ' ' || c == 127)) {
            return "has control characters";
        }
        for (String part : path.split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                return "leaves its folder";
            }
            if (part.length() > LONGEST_PART) {
                return "is too long";
            }
            if (DEVICE.matcher(part).matches() || part.endsWith(".") || part.endsWith(" ")) {
                return "is no file's name on Windows";
            }
        }
        return null;
    }
}
