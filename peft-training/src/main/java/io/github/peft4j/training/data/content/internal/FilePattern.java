package io.github.peft4j.training.data.content.internal;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.PatternSyntaxException;

/** Files by a pattern of names, as shells have it; hidden ones are not among them. */
public final class FilePattern {

    private static final int MOST_FILES = 100_000;
    private static final int MOST_FOLDERS = 64;

    private FilePattern() {}

    /**
     * The file of this path, if there is one or it is no pattern; or those that the pattern fits, in the order of their names.
     *
     * @throws IOException if folders cannot be read, or it is a pattern that is none
     */
    public static List<Path> files(Path path) throws IOException {
        String name = path.toString();
        int special = firstOf(name);
        if (special == name.length() || Files.exists(path)) {
            return List.of(path);
        }
        int folder = name.lastIndexOf('/', special) + 1;
        return matching(Path.of(name.substring(0, folder)), name.substring(folder));
    }

    private static int firstOf(String name) {
        int at = 0;
        while (at < name.length() && "*?[{".indexOf(name.charAt(at)) < 0) {
            at++;
        }
        return at;
    }

    private static List<Path> matching(Path folder, String pattern) throws IOException {
        PathMatcher matcher = matcher(pattern);
        int depth = pattern.contains("**")
                ? MOST_FOLDERS
                : (int) pattern.chars().filter(c -> c == '/').count() + 1;
        Path start = folder.toString().isEmpty() ? Path.of(".") : folder;
        TreeMap<String, Path> found = new TreeMap<>();
        Files.walkFileTree(start, Set.of(), depth, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes about) {
                return !at.equals(start) && isHidden(at) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path at, BasicFileAttributes about) throws IOException {
                Path within = start.relativize(at);
                if (!isHidden(at) && matcher.matches(within) && !Files.isDirectory(at)) {
                    found.put(within.toString(), folder.resolve(within));
                }
                if (found.size() > MOST_FILES) {
                    throw new IOException("there are more than " + MOST_FILES + " files");
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return new ArrayList<>(found.values());
    }

    private static boolean isHidden(Path file) {
        return String.valueOf(file.getFileName()).startsWith(".");
    }

    /** Where Java's two stars stand for one folder at least, Python's and shells' stand for none, too. */
    private static PathMatcher matcher(String pattern) throws IOException {
        try {
            return FileSystems.getDefault().getPathMatcher("glob:" + pattern.replace("**/", "{**/,}"));
        } catch (PatternSyntaxException e) {
            throw new IOException("it is no pattern of names: " + e.getDescription(), e);
        }
    }
}
