#include <xlsxwriter.h>

/// A workbook that keeps one row in memory, whatever it holds.
static inline lxw_workbook *yz_workbook_new(const char *path) {
  lxw_workbook_options options = {.constant_memory = LXW_TRUE};
  return workbook_new_opt(path, &options);
}
