#include "host/base/build_id.hpp"

#include <elf.h>
#include <link.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace kindred::host {
namespace {

constexpr std::string_view owner("GNU\0", 4);

std::size_t padded(std::size_t bytes) { return (bytes + 3) / 4 * 4; }

std::string hex(std::span<const unsigned char> bytes) {
  constexpr const char* digits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

/// The build ID among the notes of a segment.
std::string find_id(const unsigned char* note, std::size_t bytes) {
  ElfW(Nhdr) head;
  while (bytes >= sizeof head) {
    std::memcpy(&head, note, sizeof head);
    const std::size_t name = padded(head.n_namesz), text = padded(head.n_descsz);
    if (bytes < sizeof head + name + text) break;
    const unsigned char* start = note + sizeof head;
    const bool ours = head.n_type == NT_GNU_BUILD_ID && head.n_namesz == owner.size() &&
                      std::memcmp(start, owner.data(), owner.size()) == 0;
    if (ours) return hex({start + name, head.n_descsz});
    note += sizeof head + name + text;
    bytes -= sizeof head + name + text;
  }
  return {};
}

struct Search {
  std::uintptr_t address;
  std::string id;
};

/// Called for every object of the process; stops at the one that holds the address.
int visit(dl_phdr_info* object, std::size_t, void* state) {
  auto& search = *static_cast<Search*>(state);
  const std::span headers(object->dlpi_phdr, object->dlpi_phnum);
  bool mine = false;
  for (const ElfW(Phdr) & h : headers) {
    const std::uintptr_t start = object->dlpi_addr + h.p_vaddr;
    mine = mine || (h.p_type == PT_LOAD && search.address >= start && search.address < start + h.p_memsz);
  }
  if (!mine) return 0;
  for (const ElfW(Phdr) & h : headers) {
    if (h.p_type != PT_NOTE) continue;
    const std::uintptr_t notes = object->dlpi_addr + h.p_vaddr;  // the loader counts addresses in integers
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    const std::string id = find_id(reinterpret_cast<const unsigned char*>(notes), h.p_memsz);
    if (!id.empty()) search.id = id;
  }
  return 1;
}

}  // namespace

std::string build_id(const void* address) {
  Search search{reinterpret_cast<std::uintptr_t>(address != nullptr ? address : reinterpret_cast<const void*>(&visit)),
                {}};
  dl_iterate_phdr(visit, &search);
  return search.id;
}

}  // namespace kindred::host
